#include "sidecars/log/sinks/s3_answer.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace tandem::shipper {
namespace {

constexpr std::size_t longest_text = 300;
constexpr std::string_view xml_white = " \t\r\n";

// The five of XML, and ASCII by number; anything else stays as it is.
char decode_entity(std::string_view name) {
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "amp") return '&';
  if (name == "quot") return '"';
  if (name == "apos") return '\'';
  if (!name.starts_with('#')) return 0;
  const bool is_hex = name.starts_with("#x");
  name.remove_prefix(is_hex ? 2 : 1);
  int code = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), code, is_hex ? 16 : 10);
  const bool whole = failed == std::errc() && end == name.data() + name.size();
  return whole && code > 0 && code < 0x80 ? static_cast<char>(code) : 0;
}

std::string decode(std::string_view text) {
  std::string out;
  while (!text.empty() && out.size() < longest_text) {
    const auto end = text[0] == '&' ? text.find(';') : std::string_view::npos;
    const char meant = end != std::string_view::npos ? decode_entity(text.substr(1, end - 1)) : 0;
    const char c = meant ? meant : text[0];
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    text.remove_prefix(meant ? end + 1 : 1);
  }
  return out;
}

// Takes elements and texts of a document from the left.
class XmlText {
 public:
  explicit XmlText(std::string_view text) : rest_(text) {}

  bool skip(std::string_view prefix, std::string_view until) {
    if (!rest_.starts_with(prefix)) return true;
    const auto end = rest_.find(until);
    if (end == std::string_view::npos) return false;
    rest_.remove_prefix(end + until.size());
    return true;
  }
  void skip_white() { rest_.remove_prefix(std::min(rest_.find_first_not_of(xml_white), rest_.size())); }
  std::string_view take_text() { return take(std::min(rest_.find('<'), rest_.size())); }
  // "Code", "/Code", "HostId/"; "" at the end, or where it is not well formed.
  std::string_view take_tag() {
    const auto end = rest_.find('>');
    if (!rest_.starts_with('<') || end == std::string_view::npos) return {};
    std::string_view tag = take(end + 1);
    tag = tag.substr(1, tag.size() - 2);
    const bool empty = tag.ends_with('/');
    const auto name = tag.substr(0, tag.find_first_of(xml_white));
    return empty && name != tag ? std::string_view("x/") : name;
  }

 private:
  std::string_view take(std::size_t count) {
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view rest_;
};

}  // namespace

std::optional<S3Error> parse_s3_error(std::string_view body) {
  if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
  XmlText xml(body);
  xml.skip_white();
  if (!xml.skip("<?xml", "?>")) return std::nullopt;
  xml.skip_white();
  if (xml.take_tag() != "Error") return std::nullopt;
  S3Error error;
  int depth = 1;
  std::string_view open;
  while (depth > 0) {
    const auto text = xml.take_text();
    const auto tag = xml.take_tag();
    if (tag.empty()) return std::nullopt;
    if (tag.ends_with('/')) continue;
    if (!tag.starts_with('/')) {
      if (++depth == 2) open = tag;
      continue;
    }
    if (depth == 2 && tag.substr(1) != open) return std::nullopt;
    if (depth == 2 && open == "Code") error.code = decode(text);
    if (depth == 2 && open == "Message") error.message = decode(text);
    --depth;
  }
  if (error.code.empty()) return std::nullopt;
  return error;
}

Outcome judge_s3(int status, const std::optional<S3Error>& error, std::string_view region, Outcome judged) {
  if (judged.verdict == Verdict::delivered) return judged;
  if (error) judged.reason = "HTTP " + std::to_string(status) + " " + error->code;
  if (error && !error->message.empty()) judged.reason += ": " + error->message;
  if (!region.empty() && (status == 301 || status == 307 || status == 400))
    judged.reason += " (the bucket's region is " + decode(region.substr(0, 64)) + ")";
  const bool too_large = status == 413 || (error && status == 400 && error->code == "EntityTooLarge");
  judged.verdict = too_large ? Verdict::rejected : Verdict::retry_later;
  return judged;
}

std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text) {
  std::tm parts{};
  const std::string date(text.substr(0, 64));
  const char* const rest = ::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (!rest || *rest) return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace tandem::shipper
