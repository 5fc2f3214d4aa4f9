#include "sidecars/log/sinks/elasticsearch_answer.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace tandem::shipper {
namespace {

namespace json = simdjson;

// Takes one pair of lines from the left; gives the record.
std::string_view next_record(std::string_view& body) {
  const auto line = [&] {
    const auto end = std::min(body.find('\n'), body.size());
    const auto text = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    return text;
  };
  line();
  return line();
}

std::string text_of(json::dom::element item, const char* path) {
  std::string_view text;
  return item.at_pointer(path).get(text) == json::SUCCESS ? std::string(text) : std::string();
}

struct Item {
  std::int64_t status = 0;
  std::string type, why;

  explicit Item(json::dom::element of_create) {
    if (of_create["status"].get(status) != json::SUCCESS) status = 0;
    if (status < 300) return;
    type = text_of(of_create, "/error/type");
    why = text_of(of_create, "/error/reason");
    const std::string cause = text_of(of_create, "/error/caused_by/reason");
    if (!cause.empty()) why += " (" + cause + ")";
  }
  bool delivered() const { return (status >= 200 && status < 300) || status == 409; }
  // A blocked index (its disk is full, an operator made it read-only) is no fault of the record.
  bool again() const { return status < 200 || status == 429 || status >= 500 || type == "cluster_block_exception"; }
  std::string reason() const {
    return ("HTTP " + std::to_string(status) + " " + type + ": " + why).substr(0, longest_reason);
  }
};

Outcome again(std::string why) { return Outcome(Verdict::retry_later, std::move(why)); }

}  // namespace

Outcome judge_bulk(std::string_view body, std::string_view answer) {
  json::dom::parser parser;
  const json::padded_string padded(answer);
  json::dom::element document;
  bool errors = true;
  if (parser.parse(padded).get(document) != json::SUCCESS || document["errors"].get(errors) != json::SUCCESS)
    return again("the answer is none of the bulk API");
  if (!errors) return {};
  json::dom::array items;
  if (document["items"].get(items) != json::SUCCESS) return again("the answer names no items");
  Outcome outcome;
  for (const auto element : items) {
    json::dom::object by_action;
    if (body.empty() || element.get(by_action) != json::SUCCESS || by_action.size() != 1)
      return again("the answer's items are not those that were sent");
    const std::string_view record = next_record(body);
    const Item item((*by_action.begin()).value);
    if (item.delivered()) continue;
    if (item.again()) return again(item.reason());
    outcome.refused.emplace_back(std::string(record), true, item.reason());
  }
  if (!body.empty()) return again("the answer has fewer items than were sent");
  return outcome;
}

void refuse_all(std::string_view body, Outcome& outcome) {
  while (!body.empty()) outcome.refused.emplace_back(std::string(next_record(body)), true, outcome.reason);
}

}  // namespace tandem::shipper
