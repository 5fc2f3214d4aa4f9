#include "sidecars/log/transform/secrets.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace tandem::shipper {
namespace {

using FindSecret = std::optional<Secret> (*)(std::string_view, std::size_t);

class Scanner : public SecretFinder {
 public:
  explicit Scanner(FindSecret how) : find_(how) {}
  std::optional<Secret> find(std::string_view text, std::size_t from) const override { return find_(text, from); }

 private:
  FindSecret find_;
};

class CardScanner final : public Scanner {
 public:
  CardScanner() : Scanner(find_card) {}
  std::string canonical(std::string_view secret) const override {
    std::string digits(secret);
    std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
    return digits;
  }
};

class Pattern final : public SecretFinder {
 public:
  // Without UTF-8 it is one of ours, which takes a byte for a character: none hides what comes after it.
  Pattern(const std::string& pattern, bool utf8, char needed = '\0')
      : pattern_(pattern, options(utf8)), utf8_(utf8), needed_(needed) {}
  const RE2& pattern() const { return pattern_; }
  bool wants_utf8() const override { return utf8_; }

  std::optional<Secret> find(std::string_view text, std::size_t from) const override {
    if (needed_ && text.find(needed_, from) == std::string_view::npos) return std::nullopt;
    const re2::StringPiece bytes(text.data(), text.size());
    constexpr int most_groups = 9;
    re2::StringPiece groups[most_groups + 1];
    const int wanted = std::min(pattern_.NumberOfCapturingGroups(), most_groups) + 1;
    while (from <= text.size() && pattern_.Match(bytes, from, text.size(), RE2::UNANCHORED, groups, wanted)) {
      const re2::StringPiece* const taking_part =
          std::find_if(groups + 1, groups + wanted, [](const re2::StringPiece& group) { return group.data(); });
      const re2::StringPiece& secret = taking_part == groups + wanted ? groups[0] : *taking_part;
      const auto begin = static_cast<std::size_t>(secret.data() - text.data());
      if (!secret.empty()) return Secret{begin, begin + secret.size()};
      const auto match_end = static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
      from = std::max(from + 1, match_end);
    }
    return std::nullopt;
  }

 private:
  static RE2::Options options(bool utf8) {
    RE2::Options chosen(RE2::Quiet);
    if (!utf8) chosen.set_encoding(RE2::Options::EncodingLatin1);
    return chosen;
  }
  RE2 pattern_;
  bool utf8_;
  char needed_;
};

const char* const secret_name =
    "(?:pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
    "(?:[_-]?(?:key|value|hash))?";

std::shared_ptr<const SecretFinder> ours(const std::string& pattern, char needed = '\0') {
  return std::make_shared<Pattern>(pattern, false, needed);
}

void add_token_finders(Finders& finders) {
  finders.push_back(ours(R"(eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)*)", '.'));
  finders.push_back(ours(R"((?i)\bbearer[ \t]+([A-Za-z0-9._~+/=-]+))"));
  finders.push_back(
      ours(R"((?i)\bauthorization(?:\\*["'])?[ \t]*[:=][ \t]*(?:\\*["'])?basic[ \t]+([A-Za-z0-9+/=_-]+))"));
  finders.push_back(ours(R"(\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)", 'A'));
  finders.push_back(ours(R"(://[^/\s:@]*:([^/\s]+)@)", '@'));
  // In quotes up to the closing one, be it escaped itself (JSON within a text); otherwise up to what ends a value in a
  // URL, a header or a sentence.
  finders.push_back(
      ours("(?i)" + std::string(secret_name) +
           R"((?:\\*["'])?\s*[:=]\s*(?:"((?:[^"\\]|\\.)+)|'((?:[^'\\]|\\.)+)|\\+"((?:[^"\\]|\\[^"])+)|([^\s"'&;]+)))"));
}

}  // namespace

const std::vector<std::string>& known_secrets() {
  static const std::vector<std::string> names = {"card", "mail", "ipv4", "ipv6", "token"};
  return names;
}

void add_finders(const std::string& known, Finders& finders) {
  if (known == "card") finders.push_back(std::make_shared<CardScanner>());
  if (known == "mail")
    finders.push_back(ours(R"([A-Za-z0-9._%+'\x80-\xff-]+@[A-Za-z0-9\x80-\xff-]+(?:\.[A-Za-z0-9\x80-\xff-]+)+)", '@'));
  if (known == "ipv4") finders.push_back(std::make_shared<Scanner>(find_ipv4));
  if (known == "ipv6") finders.push_back(std::make_shared<Scanner>(find_ipv6));
  if (known == "token") add_token_finders(finders);
}

std::shared_ptr<const SecretFinder> make_pattern_finder(const std::string& pattern, std::string& problem) {
  auto made = std::make_shared<Pattern>(pattern, true);
  if (made->pattern().ok()) return made;
  problem = made->pattern().error();
  return nullptr;
}

bool names_a_secret(std::string_view field) {
  static const RE2 name("(?i)" + std::string(secret_name) + "$", RE2::Quiet);
  return RE2::PartialMatch(re2::StringPiece(field.data(), field.size()), name);
}

}  // namespace tandem::shipper
