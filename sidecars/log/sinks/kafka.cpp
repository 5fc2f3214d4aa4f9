// A Kafka topic, with librdkafka on a thread of its own.
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "core/os/check.hpp"
#include "sidecars/log/encode/kafka_format.hpp"
#include "sidecars/log/sinks/kafka_producer.hpp"
#include "sidecars/log/sinks/sink.hpp"

namespace tandem::shipper {
namespace {

struct Job {
  std::string id, body;  // of its own: the batch may be gone while the thread still works
  bool done = false;
  Outcome outcome;
};

class KafkaSink final : public Sink {
 public:
  KafkaSink(const KafkaLibrary& library, const KafkaOptions& options, asio::io_context& io)
      : producer_(library, options), event_(io) {
    event_.assign(check([] { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }, "make an eventfd"));
    thread_ = std::thread([this] { work(); });
  }
  ~KafkaSink() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wanted_.notify_one();
    thread_.join();
  }

  net::awaitable<Outcome> write(const Batch& batch) override {
    auto job = std::make_shared<Job>();
    job->id = batch.id;
    job->body = batch.body.view();
    hand_over(job);
    while (!is_done(*job)) {
      auto [failed] = co_await event_.async_wait(asio::posix::stream_descriptor::wait_read, net::as_result);
      if (failed) co_return Outcome(Verdict::retry_later, "stopped");
      std::uint64_t count;
      static_cast<void>(::read(event_.native_handle(), &count, sizeof count) > 0);
    }
    co_return job->outcome;
  }

 private:
  void hand_over(const std::shared_ptr<Job>& job) {
    const std::lock_guard lock(mutex_);
    job_ = job;
    wanted_.notify_one();
  }
  bool is_done(const Job& job) {
    const std::lock_guard lock(mutex_);
    return job.done;
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wanted_.wait(lock, [this] { return stop_ || job_; });
      if (stop_) return;
      const auto job = std::exchange(job_, nullptr);
      lock.unlock();
      Outcome outcome = producer_.send(job->id, job->body, stop_);
      lock.lock();
      job->outcome = std::move(outcome);
      job->done = true;
      const std::uint64_t one = 1;
      static_cast<void>(::write(event_.native_handle(), &one, sizeof one) > 0);
    }
  }

  KafkaProducer producer_;
  asio::posix::stream_descriptor event_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::shared_ptr<Job> job_;
  std::thread thread_;
};

const run::ConfigTable kafka_keys = {
    {"brokers", "list of HOST:PORT", "", "Some brokers of the cluster. Required."},
    {"topic", "string", "", "The topic. Required."},
    {"key", "field|file|none", "file",
     "What a message's key is: a field; file: the file, so that its lines stay in order; none."},
    {"format", "json|raw", "json", "One JSON record a line, or the lines as they are (of a record: its message)."},
    {"compression", "none|gzip|snappy|lz4|zstd", "none", "Of batches of messages."},
    {"requiredAcks", "all|leader|none", "all", "Who must have a message before it counts as delivered."},
    {"exactlyOnce", "boolean", "false", "Each batch is a transaction, and comes once even after a kill."},
    {"transactionalId", "string", "", "Of exactlyOnce; absent: tandem-log-NAMESPACE-POD-SINK."},
    {"options", "map", "", "Any property of librdkafka: security.protocol, ssl.ca.location, linger.ms.", true},
    {"passwordFile", "path", "", "Its content becomes sasl.password."},
    {"timeout", "duration", "30s", "Of one batch."},
};

// Properties that are keys of ours, or that the sink depends on.
constexpr std::pair<const char*, const char*> reserved[] = {
    {"bootstrap.servers", "it is the key brokers"},
    {"metadata.broker.list", "it is the key brokers"},
    {"compression.codec", "it is the key compression"},
    {"compression.type", "it is the key compression"},
    {"acks", "it is the key requiredAcks"},
    {"request.required.acks", "it is the key requiredAcks"},
    {"transactional.id", "it is the key transactionalId"},
    {"group.id", "it is the key transactionalId"},
    {"sasl.password", "it is read from passwordFile"},
    {"delivery.report.only.error", "the sink needs every report"},
};

std::string environment(const char* name, const std::string& fallback) {
  const char* const value = std::getenv(name);
  return value && *value ? value : fallback;
}

std::string machine_name() {
  char name[256] = "";
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

void read_properties(Reader& item, const KafkaLibrary* library, KafkaOptions& options) {
  std::string brokers;
  for (const auto& broker : item.strings("brokers")) brokers += (brokers.empty() ? "" : ",") + broker;
  if (brokers.empty()) item.problem("brokers", "at least one broker is needed", "brokers: [\"kafka:9092\"]");
  const std::string acks = item.choice("requiredAcks", "all", {"all", "leader", "none"});
  if (!options.transactional_id.empty() && acks != "all") item.problem("requiredAcks", "exactlyOnce needs all");
  options.properties = {
      {"client.id", "tandem-log"},
      {"bootstrap.servers", brokers},
      {"compression.type", item.choice("compression", "none", {"none", "gzip", "snappy", "lz4", "zstd"})},
      {"acks", acks == "leader" ? "1"
               : acks == "none" ? "0"
                                : "all"}};
  // Tried until it is delivered, in order and once, as far as a producer without transactions can: what waits is waited
  // for, not sent again.
  if (acks == "all") options.properties.emplace_back("enable.idempotence", "true");
  if (options.transactional_id.empty()) options.properties.emplace_back("message.timeout.ms", "0");
  const Node* const given = item.node("options");
  if (given && !given->is_mapping()) item.problem("options", "is a mapping of librdkafka's properties");
  for (const auto& member : given && given->is_mapping() ? given->members : std::vector<Member>()) {
    const std::string &name = member.key, &value = member.value.text;  // numbers and booleans as they are written
    const auto known =
        std::find_if(std::begin(reserved), std::end(reserved), [&](const auto& r) { return r.first == name; });
    if (known != std::end(reserved)) {
      item.problem("options", "\"" + name + "\" is not for options: " + known->second);
      continue;
    }
    const std::string wrong = library ? check_kafka_property(*library, name, value) : "";
    if (!wrong.empty()) item.problem("options", "librdkafka says: " + wrong);
    options.properties.emplace_back(name, value);
  }
}

KafkaFormat read_kafka_format(Reader& item) {
  KafkaFormat format;
  const std::string key = item.string("key", "file");
  if (key == "none") format.key = KafkaFormat::Key::none;
  if (key != "none" && key != "file") {
    format.key = KafkaFormat::Key::field;
    format.field = key;
  }
  if (item.choice("format", "json", {"json", "raw"}) == "raw") format.format = Format::raw;
  return format;
}

void read_kafka(Reader& item, SinkSettings& sink) {
  std::string why;
  const KafkaLibrary* const library = load_kafka_library(why);
  if (!library) item.problem("type", "kafka needs librdkafka: " + why, "apt-get install librdkafka1");
  KafkaOptions options;
  options.topic = item.required_string("topic");
  const bool once = item.boolean("exactlyOnce", false);
  options.transactional_id = item.string("transactionalId");
  if (!once && !options.transactional_id.empty()) item.problem("transactionalId", "is only for exactlyOnce: true");
  if (once && options.transactional_id.empty())
    options.transactional_id = "tandem-log-" + environment("POD_NAMESPACE", "default") + "-" +
                               environment("POD_NAME", machine_name()) + "-" + sink.name;
  read_properties(item, library, options);
  const KafkaFormat format = read_kafka_format(item);
  options.json = format.format == Format::json;
  options.password_file = item.string("passwordFile");
  options.timeout =
      std::chrono::duration_cast<std::chrono::milliseconds>(item.duration("timeout", std::chrono::seconds(30)));
  if (options.timeout <= std::chrono::milliseconds(0)) item.problem("timeout", "must be more than 0");
  read_dead_letter(item, sink);
  sink.timeout = options.timeout;
  sink.in_flight = 1;  // records stay in order
  sink.body = BodyKind::bytes;
  sink.make_format = [format](const Origin&) { return make_kafka_format(format); };
  sink.make = [options, library](const SinkSettings&, const SinkContext& context) {
    return std::make_unique<KafkaSink>(*library, options, context.io);
  };
}

}  // namespace

SinkType kafka_sink() { return {"kafka", with_keys(kafka_keys, {&dead_letter_keys}), read_kafka}; }

}  // namespace tandem::shipper
