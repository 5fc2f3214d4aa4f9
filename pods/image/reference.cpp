#include "pods/image/reference.hpp"

#include <algorithm>

#include "core/os/error.hpp"
#include "pods/image/oci.hpp"
#include "pods/image/store.hpp"

namespace tandem::image {

namespace {

constexpr std::size_t longest_repository = 255, longest_tag = 128;

bool is_lower_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alnum(char c) { return is_lower_alnum(c) || (c >= 'A' && c <= 'Z'); }

// [a-z0-9]+ joined by one '.', one or two '_', or any number of '-'.
bool is_path_component(std::string_view text) {
  if (text.empty() || !is_lower_alnum(text.front()) || !is_lower_alnum(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    if (is_lower_alnum(text[i])) {
      ++i;
      continue;
    }
    const std::size_t end = std::find_if(text.begin() + i, text.end(), is_lower_alnum) - text.begin();
    const std::string_view separator = text.substr(i, end - i);
    const bool dashes = separator.find_first_not_of('-') == separator.npos;
    if (!dashes && separator != "." && separator != "_" && separator != "__") return false;
    i = end;
  }
  return true;
}

bool is_registry(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon != text.npos) {
    const std::string_view port = text.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != port.npos) return false;
    text = text.substr(0, colon);
  }
  if (text.empty() || text.front() == '.' || text.front() == '-' || text.back() == '.' || text.back() == '-')
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '.' || c == '-'; });
}

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > longest_tag || text.front() == '.' || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

// The first component names a registry when it could not be a directory of Docker Hub's.
bool names_registry(std::string_view first) { return first == "localhost" || first.find_first_of(".:") != first.npos; }

}  // namespace

std::string Reference::text() const {
  std::string text = repository;
  if (!tag.empty()) text += ":" + tag;
  if (!digest.empty()) text += "@" + digest;
  return text;
}

std::optional<Reference> parse_reference(std::string_view name, std::string* why) {
  const auto refuse = [&](const char* cause) -> std::optional<Reference> {
    if (why) *why = cause;
    return std::nullopt;
  };
  if (name.empty()) return refuse("it is empty");
  Reference reference;
  if (const std::size_t at = name.find('@'); at != name.npos) {
    reference.digest = name.substr(at + 1);
    if (digest_hex(reference.digest).empty()) return refuse("after @ stands sha256: and 64 hex digits");
    name = name.substr(0, at);
  }
  const std::size_t colon = name.rfind(':');
  const std::size_t slash = name.rfind('/');
  if (colon != name.npos && (slash == name.npos || colon > slash)) {
    reference.tag = name.substr(colon + 1);
    if (!is_tag(reference.tag)) return refuse("the tag after : is letters, digits, _, . and -, at most 128 of them");
    name = name.substr(0, colon);
  }
  if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";

  std::string registry = "docker.io";
  const std::size_t first_slash = name.find('/');
  if (first_slash != name.npos && names_registry(name.substr(0, first_slash))) {
    registry = name.substr(0, first_slash);
    name = name.substr(first_slash + 1);
    if (!is_registry(registry)) return refuse("the registry before the first / is HOST or HOST:PORT");
    if (registry == "index.docker.io") registry = "docker.io";
  }
  if (name.empty()) return refuse("it has no name");
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    if (!is_path_component(name.substr(start, end - start)))
      return refuse("each part of the name is lower-case letters and digits, joined by . _ or -");
    start = end + 1;
  }
  const bool official = registry == "docker.io" && name.find('/') == name.npos;
  reference.repository = registry + "/" + (official ? "library/" : "") + std::string(name);
  if (reference.repository.size() > longest_repository) return refuse("it is longer than 255 characters");
  return reference;
}

std::string full_reference(const std::string& name) {
  std::string why;
  const auto reference = parse_reference(name, &why);
  if (!reference)
    throw Error(Fault::input, "use image", "\"" + name + "\"", "it is no image reference: " + why,
                "write it as redis:7, localhost/name or registry.example/team/name:tag");
  return reference->text();
}

}  // namespace tandem::image
