#include "sidecars/log/sinks/kafka_producer.hpp"

#include <algorithm>
#include <cstring>

#include "sidecars/log/encode/placed_records.hpp"
#include "sidecars/log/sinks/http_auth.hpp"

namespace tandem::shipper {
namespace {

using namespace std::chrono_literals;

constexpr int slice_ms = 100;  // how long nobody looks whether to stop

int left_ms(std::chrono::steady_clock::time_point deadline, int most) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 1, most));
}

// What no other try will make better.
bool is_refusal(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || error == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE ||
         error == RD_KAFKA_RESP_ERR_INVALID_RECORD || error == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP;
}

// An error object of librdkafka, taken apart.
struct Failure {
  bool failed = false, fatal = false, retriable = false, must_abort = false;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
};

Failure take(const KafkaLibrary& kafka, rd_kafka_error_t* error) {
  Failure failure;
  if (!error) return failure;
  failure.failed = true;
  failure.fatal = kafka.error_is_fatal_(error);
  failure.retriable = kafka.error_is_retriable_(error);
  failure.must_abort = kafka.error_txn_requires_abort_(error);
  failure.code = kafka.error_code_(error);
  failure.text = kafka.error_string_(error);
  kafka.error_destroy_(error);
  return failure;
}

// Calls until it succeeds, fails for good, or nobody wants to go on: each call goes on where the one before it ran out
// of time.
template <class Call, class GoOn>
Failure persist(const KafkaLibrary& kafka, Call&& call, GoOn&& go_on) {
  for (;;) {
    Failure failure = take(kafka, call());
    if (!failure.failed || !failure.retriable || !go_on()) return failure;
  }
}

}  // namespace

std::string check_kafka_property(const KafkaLibrary& kafka, const std::string& name, const std::string& value) {
  rd_kafka_conf_t* const conf = kafka.conf_new_();
  char why[512] = "";
  const bool ok = kafka.conf_set_(conf, name.c_str(), value.c_str(), why, sizeof why) == RD_KAFKA_CONF_OK;
  kafka.conf_destroy_(conf);
  return ok ? "" : why;
}

Outcome KafkaProducer::later(std::string why) const {
  Outcome outcome(Verdict::retry_later, std::move(why));
  outcome.unreachable = true;  // librdkafka has its own pauses: trying again costs nothing
  return outcome;
}

rd_kafka_conf_t* KafkaProducer::configure(std::string& why, bool producer) {
  auto properties = options_.properties;
  if (!options_.password_file.empty()) {
    SecretFile file(options_.password_file);
    const auto secret = file.read(why);
    if (!secret) return nullptr;
    properties.emplace_back("sasl.password", *secret);
  }
  if (producer && transactional()) properties.emplace_back("transactional.id", options_.transactional_id);
  if (!producer) properties.emplace_back("group.id", options_.transactional_id);
  rd_kafka_conf_t* const conf = kafka_.conf_new_();
  for (const auto& [name, value] : properties) {
    char text[512] = "";
    if (kafka_.conf_set_(conf, name.c_str(), value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK) continue;
    why = text;
    kafka_.conf_destroy_(conf);
    return nullptr;
  }
  kafka_.conf_set_log_cb_(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  if (!producer) return conf;
  kafka_.conf_set_opaque_(conf, this);
  kafka_.conf_set_dr_msg_cb_(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    static_cast<KafkaProducer*>(self)->report(*message);
  });
  kafka_.conf_set_error_cb_(conf, [](rd_kafka_t*, int error, const char* reason, void* self) {
    static_cast<KafkaProducer*>(self)->problem_ = reason;
    if (error == RD_KAFKA_RESP_ERR__AUTHENTICATION) static_cast<KafkaProducer*>(self)->unknown_ = true;
  });
  return conf;
}

Outcome KafkaProducer::open() {
  std::string why;
  rd_kafka_conf_t* const conf = configure(why, true);
  if (!conf) return later(why);
  char text[512] = "";
  handle_ = kafka_.new_(RD_KAFKA_PRODUCER, conf, text, sizeof text);  // owns conf then
  if (!handle_) {
    kafka_.conf_destroy_(conf);
    return later(text);
  }
  if (!transactional()) return {};
  // Ends whatever a process before us had begun under this id, and shuts it out if it still lives.
  const Failure failure = persist(
      kafka_, [&] { return kafka_.init_transactions_(handle_, slice_ms); }, [&] { return may_go_on(); });
  why = failure.failed ? "begin as " + options_.transactional_id + ": " + failure.text : read_marks();
  if (why.empty()) return {};
  if (!problem_.empty()) why += " (" + problem_ + ")";
  close();
  return later(why);
}

std::string KafkaProducer::read_marks() {
  std::string why;
  rd_kafka_conf_t* const conf = configure(why, false);
  if (!conf) return why;
  char text[512] = "";
  rd_kafka_t* const reader = kafka_.new_(RD_KAFKA_CONSUMER, conf, text, sizeof text);
  if (!reader) {
    kafka_.conf_destroy_(conf);
    return text;
  }
  rd_kafka_topic_partition_list_t* const list = kafka_.topic_partition_list_new_(1);
  rd_kafka_topic_partition_t* const place = kafka_.topic_partition_list_add_(list, options_.topic.c_str(), 0);
  rd_kafka_resp_err_t error = kafka_.committed_(reader, list, left_ms(deadline_, 2000));
  if (!error) error = place->err;
  if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
    marks_.restore("", 0);  // nobody has written to it
  } else if (error) {
    why = "read what was committed: " + std::string(kafka_.err2str_(error));
  } else {
    marks_.restore({static_cast<const char*>(place->metadata), place->metadata_size}, place->offset);
  }
  kafka_.topic_partition_list_destroy_(list);
  kafka_.destroy_flags_(reader, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  return why;
}

void KafkaProducer::close() {
  if (handle_) kafka_.destroy_(handle_);
  handle_ = nullptr;
  queued_ = 0;
  std::replace(states_.begin(), states_.end(), State::queued, State::unsent);
  std::replace(states_.begin(), states_.end(), State::queued_alone, State::suspect);
}

void KafkaProducer::report(const rd_kafka_message_t& message) {
  const auto index = reinterpret_cast<std::size_t>(message._private) - 1;
  if (index >= states_.size() || (states_[index] != State::queued && states_[index] != State::queued_alone)) return;
  const bool alone = states_[index] == State::queued_alone;
  --queued_;
  if (!message.err) {
    states_[index] = State::delivered;
  } else if (is_refusal(message.err) && alone) {
    states_[index] = State::refused;
    reasons_.emplace_back(index, kafka_.err2str_(message.err));
  } else {
    states_[index] = alone || is_refusal(message.err) ? State::suspect : State::unsent;
    message_problem_ = kafka_.err2str_(message.err);
  }
}

Outcome KafkaProducer::send(const std::string& id, std::string_view body, const std::atomic<bool>& stop) {
  deadline_ = Clock::now() + options_.timeout;
  stop_ = &stop;
  if (handle_ && queued_ > 0 && id != id_) close();  // a batch that nobody wants any more
  if (!handle_) {
    const Outcome opened = open();
    if (opened.verdict != Verdict::delivered) return opened;
  }
  if (transactional() && marks_.has(id)) return {};
  if (id != id_) {
    id_ = id;
    states_.clear();
    reasons_.clear();
  }
  if (transactional()) {  // all or nothing: from the beginning, but for what was refused
    for (auto& state : states_)
      if (state == State::queued || state == State::delivered) state = State::unsent;
    const Failure failure = take(kafka_, kafka_.begin_transaction_(handle_));
    if (failure.failed) {
      close();
      return later("begin a transaction: " + failure.text);
    }
  }
  message_problem_.clear();
  problem_.clear();
  unknown_ = false;
  const std::string refused = enqueue(body);
  await_reports();
  const bool all =
      std::all_of(states_.begin(), states_.end(), [](State s) { return s == State::delivered || s == State::refused; });
  Outcome outcome;
  if (!all) {
    std::string why = !refused.empty() ? refused : message_problem_;
    if (why.empty()) why = "not acknowledged in time";
    if (!problem_.empty()) why += " (" + problem_ + ")";
    outcome = transactional() ? give_up(why) : later(why);
  } else if (transactional()) {
    outcome = commit(id);
  }
  char text[512];
  const bool fatal = handle_ && kafka_.fatal_error_(handle_, text, sizeof text);
  if (fatal && outcome.verdict != Verdict::delivered) outcome = later(text);
  // One of these is of no use any more: its successor sends what was not reported, and reads the password again.
  if (fatal || (unknown_ && outcome.verdict != Verdict::delivered)) close();
  if (outcome.verdict == Verdict::delivered) collect_refused(body, outcome);
  return outcome;
}

// What is not on its way yet. "": it all is.
std::string KafkaProducer::enqueue(std::string_view body) {
  PlacedRecords records(body);
  PlacedRecord record;
  for (std::size_t index = 0; records.next(record); ++index) {
    if (index == states_.size()) states_.push_back(State::unsent);
    const bool alone = states_[index] == State::suspect;
    if (states_[index] != State::unsent && !alone) continue;
    if (alone) await_reports();
    rd_kafka_vu_t parts[6];
    parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    parts[0].u.cstr = options_.topic.c_str();
    parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[1].u.i = RD_KAFKA_MSG_F_COPY;
    parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[2].u.mem = {const_cast<char*>(record.content.data()), record.content.size()};
    parts[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    parts[3].u.i64 = record.time_ns / 1'000'000;
    parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[4].u.ptr = reinterpret_cast<void*>(index + 1);
    parts[5].vtype = RD_KAFKA_VTYPE_KEY;
    parts[5].u.mem = {const_cast<char*>(record.key.data()), record.key.size()};
    for (;;) {
      const Failure failure = take(kafka_, kafka_.produceva_(handle_, parts, record.key.empty() ? 5 : 6));
      if (!failure.failed) {
        states_[index] = alone ? State::queued_alone : State::queued;
        ++queued_;
        if (alone) await_reports();
        break;
      }
      if (is_refusal(failure.code)) {
        states_[index] = State::refused;
        reasons_.emplace_back(index, kafka_.err2str_(failure.code));
        break;
      }
      if (failure.code != RD_KAFKA_RESP_ERR__QUEUE_FULL || !may_go_on()) return failure.text;
      kafka_.poll_(handle_, slice_ms);
    }
  }
  return "";
}

void KafkaProducer::await_reports() {
  // Flushing sends at once what waits for company (linger.ms), and hands over reports.
  while (queued_ > 0 && may_go_on()) {
    kafka_.flush_(handle_, left_ms(deadline_, slice_ms));
    char text[512];
    if (kafka_.fatal_error_(handle_, text, sizeof text)) break;
    if (!message_problem_.empty() && transactional()) break;
  }
  kafka_.poll_(handle_, 0);
}

Outcome KafkaProducer::commit(const std::string& id) {
  KafkaMarks marks = marks_;
  marks.add(id);
  const std::string note = marks.note();
  rd_kafka_topic_partition_list_t* const list = kafka_.topic_partition_list_new_(1);
  rd_kafka_topic_partition_t* const place = kafka_.topic_partition_list_add_(list, options_.topic.c_str(), 0);
  place->offset = marks.count();
  place->metadata = std::malloc(note.size() + 1);  // freed with the list, by free()
  std::memcpy(place->metadata, note.c_str(), note.size() + 1);
  place->metadata_size = note.size();
  rd_kafka_consumer_group_metadata_t* const group =
      kafka_.consumer_group_metadata_new_(options_.transactional_id.c_str());
  const auto go_on = [&] { return may_go_on(); };
  Failure failure = persist(
      kafka_, [&] { return kafka_.send_offsets_to_transaction_(handle_, list, group, slice_ms); }, go_on);
  kafka_.consumer_group_metadata_destroy_(group);
  kafka_.topic_partition_list_destroy_(list);
  if (failure.failed) return give_up("put the batch's id into the transaction: " + failure.text);
  failure = persist(
      kafka_, [&] { return kafka_.commit_transaction_(handle_, slice_ms); }, go_on);
  if (!failure.failed) {
    marks_ = std::move(marks);
    return {};
  }
  if (failure.must_abort) return give_up("commit: " + failure.text);
  close();  // it may be committed or not: who opens it again will know
  return later("commit: " + failure.text);
}

Outcome KafkaProducer::give_up(std::string why) {
  const auto until = std::max(deadline_, Clock::now() + 5s);
  const Failure failure = persist(
      kafka_, [&] { return kafka_.abort_transaction_(handle_, slice_ms); },
      [&] { return !*stop_ && Clock::now() < until; });
  if (failure.failed || queued_ > 0) close();
  return later(std::move(why));
}

void KafkaProducer::collect_refused(std::string_view body, Outcome& outcome) const {
  if (reasons_.empty()) return;
  PlacedRecords records(body);
  PlacedRecord record;
  for (std::size_t index = 0; records.next(record); ++index)
    for (const auto& [of, reason] : reasons_)
      if (of == index) outcome.refused.emplace_back(std::string(record.content), options_.json, reason);
}

}  // namespace tandem::shipper
