// A server after the Amazon S3 API Reference, as far as PutObject goes: path-style, one account.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "tests/integration/log-objects/signature_check.hpp"

namespace tandem::test {

class S3Server {
 public:
  enum class Fault { none, slow_down, internal_error, unanswered, stored_unanswered, too_large, no_conditions };
  explicit S3Server(std::function<Fault(int call)> fault = [](int) { return Fault::none; });

  struct Object {
    std::string body;  // unpacked
    std::map<std::string, std::string> headers;
    int written = 0;
  };

  std::map<std::string, Object> objects();  // by key
  std::map<std::string, int> messages();    // of all objects' JSON lines
  std::size_t lines();
  int count(const std::string& error_code);  // answers of that code
  void create_bucket(const std::string& name);
  StrictServer& server() { return server_; }

  const S3Account account{"AKIAEXAMPLE", "a/secret+key", "a-session", "eu-central-1"};
  std::chrono::seconds ahead{0};  // what its clock shows more than ours; before anything is sent

 private:
  HttpReply serve(const HttpCall& call);
  HttpReply refuse(int status, const std::string& code);

  std::function<Fault(int)> fault_;
  std::mutex mutex_;
  int number_ = 0;
  std::set<std::string> buckets_{"logs"};
  std::map<std::string, Object> objects_;
  std::map<std::string, int> errors_;
  StrictServer server_;
};

}  // namespace tandem::test
