#include "sidecars/log/encode/redis_format.hpp"

#include <charconv>

#include "sidecars/log/encode/json_members.hpp"
#include "sidecars/log/encode/placed_records.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t most_fields = 1000;  // Lua's unpack() has some 8000 places on its stack
constexpr std::string_view time_member = "time";

class RedisRecords final : public RecordFormat {
 public:
  explicit RedisRecords(RedisEntry entry) : entry_(entry) {}

  void append(const Event& event, Buffer& body) override {
    const std::size_t opened = open_record(event, {}, body);
    const bool apart = entry_ == RedisEntry::fields && event.fields.size() < most_fields;
    const std::uint32_t strings = apart ? append_fields(event, body) : append_whole(event, body);
    close_record(opened, strings, body);
  }

 private:
  std::uint32_t append_whole(const Event& event, Buffer& body) {
    json_.truncate(0);
    append_json_object(event, json_);
    append_bulk("record", body);
    append_bulk(json_.view(), body);
    return 2;
  }

  static std::uint32_t append_fields(const Event& event, Buffer& body) {
    std::uint32_t strings = 0;
    if (!event.find(time_member)) {
      char time[40];
      append_bulk(time_member, body);
      append_bulk({time, static_cast<std::size_t>(write_time(event.time_ns, 6, time) - time)}, body);
      strings += 2;
    }
    for (const auto& field : event.fields) {
      append_bulk(field.name, body);
      append_bulk(field.text, body);
      strings += 2;
    }
    return strings;
  }

  RedisEntry entry_;
  Buffer json_;  // kept for its memory
};

}  // namespace

void append_bulk(std::string_view text, Buffer& out) {
  char* const begin = out.claim(text.size() + 32);
  char* to = begin;
  *to++ = '$';
  to = std::to_chars(to, to + 20, text.size()).ptr;
  *to++ = '\r';
  *to++ = '\n';
  to += text.copy(to, text.size());
  *to++ = '\r';
  *to++ = '\n';
  out.commit(static_cast<std::size_t>(to - begin));
}

std::unique_ptr<RecordFormat> make_redis_format(RedisEntry entry) { return std::make_unique<RedisRecords>(entry); }

}  // namespace tandem::shipper
