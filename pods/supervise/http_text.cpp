#include "pods/supervise/http_text.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace tandem::supervise {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_plain(char c) { return c > ' ' && c < 127; }

bool parse_first_line(std::string_view line, HttpRequest& request) {
  const std::size_t first = line.find(' '), second = line.rfind(' ');
  if (first == line.npos || second == first) return false;
  if (line.substr(second + 1).substr(0, 7) != "HTTP/1.") return false;
  const std::string_view target = line.substr(first + 1, second - first - 1);
  request.method = line.substr(0, first);
  if (request.method.empty() || !std::all_of(target.begin(), target.end(), is_plain)) return false;
  if (target.empty() || target[0] != '/') return false;
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  std::string_view query = mark == target.npos ? std::string_view() : target.substr(mark + 1);
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    request.query[std::string(pair.substr(0, equals))] = equals == pair.npos ? "" : pair.substr(equals + 1);
    query.remove_prefix(end == query.npos ? query.size() : end + 1);
  }
  return true;
}

// Content-Length; nullopt: what cannot be understood.
std::optional<std::size_t> body_length(std::string_view lines) {
  std::size_t length = 0;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = trim(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.empty()) continue;
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0) return std::nullopt;
    const std::string_view name = line.substr(0, colon), value = trim(line.substr(colon + 1));
    if (same_word(name, "Transfer-Encoding")) return std::nullopt;
    if (!same_word(name, "Content-Length")) continue;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error != std::errc() || stop != value.data() + value.size()) return std::nullopt;
  }
  return length;
}

const char* reason(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
  }
  return "Unknown";
}

}  // namespace

Parsed parse_request(std::string_view bytes, HttpRequest& request) {
  request = {};
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == bytes.npos) return bytes.size() > longest_head_bytes ? Parsed::bad : Parsed::more;
  if (head > longest_head_bytes) return Parsed::bad;
  const std::size_t first = bytes.find("\r\n");
  if (!parse_first_line(bytes.substr(0, first), request)) return Parsed::bad;
  const auto length = body_length(bytes.substr(first, head - first));
  if (!length || *length > longest_body_bytes) return Parsed::bad;
  if (bytes.size() - head - 4 < *length) return Parsed::more;
  request.body = bytes.substr(head + 4, *length);
  return Parsed::done;
}

std::string http_response(int code, std::string_view content_type, std::string_view body) {
  std::string text = "HTTP/1.1 " + std::to_string(code) + " " + reason(code) + "\r\nContent-Type: ";
  text.append(content_type).append("\r\nContent-Length: ").append(std::to_string(body.size()));
  text.append("\r\nConnection: close\r\n\r\n").append(body);
  return text;
}

std::string probe_request(const std::string& host, int port, const std::string& path,
                          const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string text = "GET " + (path.empty() || path[0] != '/' ? "/" + path : path) + " HTTP/1.1\r\n";
  bool has_host = false, has_agent = false, has_accept = false;
  for (const auto& [name, value] : headers) {
    has_host = has_host || same_word(name, "Host");
    has_agent = has_agent || same_word(name, "User-Agent");
    has_accept = has_accept || same_word(name, "Accept");
    text += name + ": " + value + "\r\n";
  }
  if (!has_host) text += "Host: " + host + ":" + std::to_string(port) + "\r\n";
  if (!has_agent) text += "User-Agent: kube-probe/1.29\r\n";
  if (!has_accept) text += "Accept: */*\r\n";
  return text + "Connection: close\r\n\r\n";
}

std::optional<int> parse_status_code(std::string_view bytes) {
  if (bytes.find('\n') == bytes.npos || bytes.size() < 12 || bytes.substr(0, 7) != "HTTP/1.") return std::nullopt;
  int code = 0;
  const auto [end, error] = std::from_chars(bytes.data() + 9, bytes.data() + 12, code);
  if (error != std::errc() || end != bytes.data() + 12 || bytes[8] != ' ' || code < 100) return std::nullopt;
  return code;
}

std::string_view body_of(std::string_view response) {
  const std::size_t head = response.find("\r\n\r\n");
  return head == response.npos ? std::string_view() : response.substr(head + 4);
}

}  // namespace tandem::supervise
