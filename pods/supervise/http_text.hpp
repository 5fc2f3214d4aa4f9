// The little HTTP/1.1 that the pod's API and the probes need. Pure text; every size is bounded.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem::supervise {

inline constexpr std::size_t longest_head_bytes = 16 * 1024;
inline constexpr std::size_t longest_body_bytes = 64 * 1024;

struct HttpRequest {
  std::string method, path;                  // path: before the question mark, as sent
  std::map<std::string, std::string> query;  // as sent, without %-decoding: ours are plain words
  std::string body;
};

enum class Parsed { more, done, bad };
// bad: not HTTP/1, over a limit, or with a transfer coding (we take Content-Length only).
Parsed parse_request(std::string_view bytes, HttpRequest& request);

std::string http_response(int code, std::string_view content_type, std::string_view body);  // Connection: close

// A GET as kubelet's prober sends it.
std::string probe_request(const std::string& host, int port, const std::string& path,
                          const std::vector<std::pair<std::string, std::string>>& headers);
// Of the first line; nullopt: more is needed, or (`bytes` has a newline) it is not HTTP.
std::optional<int> parse_status_code(std::string_view bytes);
std::string_view body_of(std::string_view response);  // what follows the empty line

}  // namespace tandem::supervise
