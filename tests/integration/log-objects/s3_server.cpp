#include "tests/integration/log-objects/s3_server.hpp"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

namespace tandem::test {
namespace {

std::time_t parse_amz_date(const std::string& text) {
  std::tm parts{};
  const char* const rest = ::strptime(text.c_str(), "%Y%m%dT%H%M%SZ", &parts);
  return rest && !*rest ? ::timegm(&parts) : 0;
}

}  // namespace

S3Server::S3Server(std::function<Fault(int call)> fault)
    : fault_(std::move(fault)), server_([this](const HttpCall& call) { return serve(call); }) {}

std::map<std::string, S3Server::Object> S3Server::objects() {
  const std::lock_guard lock(mutex_);
  return objects_;
}

std::map<std::string, int> S3Server::messages() {
  std::map<std::string, int> all;
  for (const auto& [key, object] : objects()) {
    std::istringstream lines(object.body);
    for (std::string line; std::getline(lines, line);) {
      const auto record = nlohmann::json::parse(line, nullptr, false);
      ++all[record.is_object() ? record.value("message", "no message") : "no JSON: " + line];
    }
  }
  return all;
}

std::size_t S3Server::lines() {
  std::size_t count = 0;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, object] : objects_)
    count += static_cast<std::size_t>(std::count(object.body.begin(), object.body.end(), '\n'));
  return count;
}

int S3Server::count(const std::string& error_code) {
  const std::lock_guard lock(mutex_);
  return errors_[error_code];
}

void S3Server::create_bucket(const std::string& name) {
  const std::lock_guard lock(mutex_);
  buckets_.insert(name);
}

HttpReply S3Server::refuse(int status, const std::string& code) {
  ++errors_[code];
  const std::time_t now = std::time(nullptr) + ahead.count();
  char date[64];
  std::strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", std::gmtime(&now));
  return {status,
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>" + code +
              " &amp; so on</Message><Resource>/</Resource><RequestId>4442587FB7D0A2F9</RequestId></Error>",
          "application/xml", date, false};
}

HttpReply S3Server::serve(const HttpCall& call) {
  static const std::regex target("/([a-z0-9.-]+)/(([A-Za-z0-9._~/-]|%[0-9A-F]{2})+)");
  const std::lock_guard lock(mutex_);
  const Fault fault = fault_(number_++);
  std::smatch parts;
  if (call.method != "PUT" || !std::regex_match(call.target, parts, target)) {
    server_.complain(call.method + " " + call.target);
    return refuse(405, "MethodNotAllowed");
  }
  if (std::abs(parse_amz_date(call.header("x-amz-date")) - std::time(nullptr) - ahead.count()) > 15 * 60)
    return refuse(403, "RequestTimeTooSkewed");
  if (const std::string wrong = check_signature(call, account); !wrong.empty()) return refuse(403, wrong);
  if (!buckets_.contains(parts[1])) return refuse(404, "NoSuchBucket");
  if (fault == Fault::slow_down) return refuse(503, "SlowDown");
  if (fault == Fault::internal_error) return refuse(500, "InternalError");
  if (fault == Fault::too_large) return refuse(400, "EntityTooLarge");
  if (fault == Fault::unanswered) return {0, "", "", "", true};
  const std::string condition = call.header("if-none-match");
  if (!condition.empty() && fault == Fault::no_conditions) return refuse(501, "NotImplemented");
  if (!condition.empty() && condition != "*") server_.complain("If-None-Match: " + condition);
  const bool known = objects_.contains(parts[2]);
  if (!condition.empty() && known) return refuse(412, "PreconditionFailed");
  Object& object = objects_[parts[2]];
  object.body = call.body;
  object.headers = call.headers;
  ++object.written;
  if (fault == Fault::stored_unanswered) return {0, "", "", "", true};
  return {200, "", "text/plain", "ETag: \"x\"\r\n", false};
}

}  // namespace tandem::test
