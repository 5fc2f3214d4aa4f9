#include "sidecars/log/sinks/s3_object.hpp"

#include <algorithm>
#include <array>

namespace tandem::shipper {
namespace {

constexpr std::size_t longest_prefix = 512;  // a key has up to 1024 bytes
constexpr std::array<std::string_view, 5> place_fields = {"pod", "namespace", "node", "sink", "source"};

// What web servers and tools that copy buckets into folders would change.
bool has_dots(std::string_view prefix) {
  while (!prefix.empty()) {
    const auto end = std::min(prefix.find('/'), prefix.size());
    const auto part = prefix.substr(0, end);
    if (end < prefix.size() && (part == "." || part == "..")) return true;
    prefix.remove_prefix(std::min(end + 1, prefix.size()));
  }
  return false;
}

}  // namespace

std::optional<S3Key> S3Key::parse(std::string_view prefix, std::string suffix, std::string& problem) {
  S3Key key;
  key.suffix_ = std::move(suffix);
  auto text = TextTemplate::parse(prefix, true, problem);
  if (!text) return std::nullopt;
  const auto bad_byte = [](unsigned char c) { return c < 0x20 || c >= 0x7f || c == '\\'; };
  if (prefix.size() > longest_prefix) {
    problem = "is longer than 512 bytes";
  } else if (prefix.starts_with('/')) {
    problem = "begins with a /: keys begin without one";
  } else if (std::any_of(prefix.begin(), prefix.end(), bad_byte)) {
    problem = "has a byte that is no printable ASCII character, or a backslash";
  } else if (has_dots(prefix)) {
    problem = "has a part that is . or ..";
  }
  if (!problem.empty()) return std::nullopt;
  for (const auto& field : text->fields()) {
    key.names_source_ = key.names_source_ || field == "source";
    if (std::find(place_fields.begin(), place_fields.end(), field) != place_fields.end()) continue;
    problem = "has ${" + field +
              "}, which is not known of an object: it has many records; ${pod}, ${namespace}, "
              "${node}, ${sink} and ${source} are";
    return std::nullopt;
  }
  key.prefix_ = std::move(*text);
  return key;
}

std::string S3Key::make(const S3Place& place, const std::string& batch, std::int64_t time_ns) const {
  Event event;
  event.time_ns = time_ns;
  const std::string* const values[] = {&place.pod, &place.pod_namespace, &place.node, &place.sink, &place.source};
  for (std::size_t i = 0; i < place_fields.size(); ++i)
    event.set(place_fields[i], values[i]->empty() ? std::string_view("unknown") : std::string_view(*values[i]));
  Buffer out;
  static_cast<void>(prefix_.append(event, out));
  return std::string(out.view()) + batch + suffix_;
}

std::string escape_path(std::string_view key) {
  std::string out;
  for (const unsigned char c : key) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(static_cast<char>(c)) != std::string_view::npos;
    if (plain) {
      out += static_cast<char>(c);
    } else {
      out += {'%', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15]};
    }
  }
  return out;
}

}  // namespace tandem::shipper
