#include "sidecars/log/encode/elasticsearch_format.hpp"

#include <charconv>

#include "sidecars/log/encode/json_members.hpp"
#include "sidecars/log/json_text.hpp"

namespace tandem::shipper {
namespace {

constexpr std::string_view timestamp = "@timestamp";
constexpr std::string_view refused_characters = "\\/*?\"<>| ,#:";
constexpr std::size_t longest_name = 255;

bool is_refused(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte >= 0x7f || refused_characters.find(c) != std::string_view::npos;
}

char* put_hex(std::uint64_t number, char* to) {
  for (int shift = 60; shift >= 0; shift -= 4) *to++ = "0123456789abcdef"[number >> shift & 15];
  return to;
}

class ElasticsearchRecords final : public RecordFormat {
 public:
  explicit ElasticsearchRecords(TextTemplate index) : index_(std::move(index)) {}

  void append(const Event& event, Buffer& body) override {
    write_name(event);
    char* const begin = body.claim(name_.size() + 256);
    char* to = put("{\"create\":{\"_index\":\"", begin);
    to = put(name_, to);
    to = put("\",\"_id\":\"", to);
    to = put_hex(event.file.high, to);
    to = put_hex(event.file.low, to);
    *to++ = '-';
    to = std::to_chars(to, to + 20, event.offset).ptr;
    if (event.piece > 0) {
      *to++ = '-';
      to = std::to_chars(to, to + 20, event.piece).ptr;
    }
    to = put("\"}}\n{", to);
    const Field* const own = event.find(timestamp);
    if (!own) {
      to = put("\"@timestamp\":\"", to);
      to = write_time(event.time_ns, 9, to);
      *to++ = '"';
    }
    body.commit(static_cast<std::size_t>(to - begin));
    append_members(event, nullptr, own != nullptr, body);
    body.append("}\n");
  }

 private:
  void write_name(const Event& event) {
    raw_.truncate(0);
    const bool complete = index_.append(event, raw_);
    name_.assign(raw_.view().substr(0, longest_name));
    for (char& c : name_) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      if (is_refused(c)) c = '-';
    }
    if (!complete) name_ = (name_ + "-unknown").substr(0, longest_name);
    name_.erase(0, name_.find_first_not_of("-_+"));
    if (name_.empty() || name_ == "." || name_ == "..") name_ = "unknown";
  }

  TextTemplate index_;
  Buffer raw_;  // kept for their memory
  std::string name_;
};

}  // namespace

std::unique_ptr<RecordFormat> make_elasticsearch_format(TextTemplate index) {
  return std::make_unique<ElasticsearchRecords>(std::move(index));
}

const char* index_name_problem(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > longest_name) return "is longer than 255 bytes";
  if (name[0] == '-' || name[0] == '_' || name[0] == '+') return "begins with -, _ or +";
  if (name == "." || name == "..") return "is . or ..";
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') return "has capital letters";
    if (is_refused(c)) return "has one of \\ / * ? \" < > | , # : or a space";
  }
  return nullptr;
}

}  // namespace tandem::shipper
