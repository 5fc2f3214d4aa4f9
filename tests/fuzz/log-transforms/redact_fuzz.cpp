// Any bytes as a text and as JSON: no card stays; of JSON comes JSON, and of what is none comes no part of it that a
// string was left open in.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "sidecars/log/transform/redactor.hpp"
#include "tests/unit/log-transforms/cards.hpp"

using namespace tandem;
using namespace tandem::shipper;

namespace {

Redactor make_redactor(std::initializer_list<const char*> names, bool own) {
  Finders finders;
  for (const char* name : names) add_finders(name, finders);
  std::string problem;
  if (own) finders.push_back(make_pattern_finder("id=(\\pL+)|x*", problem));
  return Redactor(finders, true, {});
}

bool has_card(const nlohmann::json& json) {
  if (json.is_string()) return tests::has_card(json.get_ref<const std::string&>());
  if (!json.is_structured()) return false;
  for (const auto& [key, value] : json.items())
    if ((json.is_object() && tests::has_card(key)) || has_card(value)) return true;
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Redactor cards = make_redactor({"card"}, false),
                  all = make_redactor({"card", "mail", "ipv4", "ipv6", "token"}, true);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string out;
  if (cards.redact(text, out) != tests::has_card(text)) std::abort();
  if (tests::has_card(out)) std::abort();
  if (all.redact(text, out) && tests::has_card(out)) std::abort();

  const auto json = nlohmann::json::parse(text, nullptr, false);
  redact_json(all, text, out);
  if (json.is_discarded()) return 0;
  const auto after = nlohmann::json::parse(out, nullptr, false);
  if (after.is_discarded() || has_card(after)) std::abort();
  return 0;
}
