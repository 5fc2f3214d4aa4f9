#include "sidecars/log/sinks/kafka_producer.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "sidecars/log/encode/placed_records.hpp"
#include "sidecars/log/sinks/http_auth.hpp"
#include "sidecars/log/sinks/kafka_failure.hpp"

namespace tandem::shipper {
namespace {

// What no other try will make better.
bool is_refusal(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || error == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE ||
         error == RD_KAFKA_RESP_ERR_INVALID_RECORD || error == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP;
}

// librdkafka opens its files by their path, and would wait for a FIFO's writer.
bool may_be_opened(const std::string& name, const std::string& value) {
  struct stat status {};
  return !name.ends_with(".location") || ::stat(value.c_str(), &status) != 0 || S_ISREG(status.st_mode) ||
         S_ISDIR(status.st_mode);
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
  secrets_.conceal(why);
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
    secrets_.add(*secret);
    properties.emplace_back("sasl.password", *secret);
  }
  if (producer && transactional()) properties.emplace_back("transactional.id", options_.transactional_id);
  if (!producer) properties.emplace_back("group.id", options_.transactional_id);
  rd_kafka_conf_t* const conf = kafka_.conf_new_();
  for (const auto& [name, value] : properties) {
    if (!may_be_opened(name, value)) {
      why = name + ": " + value + " is neither a file nor a folder";
      kafka_.conf_destroy_(conf);
      return nullptr;
    }
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
  why = open_transactions();
  if (why.empty()) return {};
  if (!problem_.empty()) why += " (" + problem_ + ")";
  close();
  return later(why);
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
    const KafkaFailure failure = take_failure(kafka_, kafka_.begin_transaction_(handle_));
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
      const KafkaFailure failure = take_failure(kafka_, kafka_.produceva_(handle_, parts, record.key.empty() ? 5 : 6));
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
      kafka_.poll_(handle_, kafka_slice_ms);
    }
  }
  return "";
}

void KafkaProducer::await_reports() {
  // Flushing sends at once what waits for company (linger.ms), and hands over reports.
  while (queued_ > 0 && may_go_on()) {
    kafka_.flush_(handle_, kafka_time_left(deadline_, kafka_slice_ms));
    char text[512];
    if (kafka_.fatal_error_(handle_, text, sizeof text)) break;
    if (!message_problem_.empty() && transactional()) break;
  }
  kafka_.poll_(handle_, 0);
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
