// A strict receiver of newline JSON over HTTP, written against RFC 9112 and not with our own HTTP code. It remembers
// idempotency keys, and fails in the ways that receivers fail.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem::test {

enum class Answer {
  none,
  unavailable,       // 503
  too_many,          // 429 with Retry-After: 1
  refused,           // 400
  close_unread,      // closes after the headers
  close_unanswered,  // takes the batch and closes without an answer
};

class Receiver {
 public:
  explicit Receiver(int port = 0);  // 0: the kernel picks one
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/in"; }
  // Asked for each request, with its number from 0; called on the receiver's threads.
  void set_answer(std::function<Answer(int)> answer);

  std::map<std::string, int> messages() const;  // message -> how often it came, batches with a known key left out
  std::size_t count() const;                    // of messages, with repetitions
  std::vector<std::string> records() const;     // as they came
  std::vector<std::string> complaints() const;  // what was wrong with requests
  int repeated_keys() const { return repeated_keys_; }
  int requests() const { return requests_; }

 private:
  void accept_all();
  void serve(int connection);
  bool take(const std::string& head, const std::string& body, std::string& answer, bool& close);
  void complain(std::string what);

  unique_fd listener_;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> requests_{0}, repeated_keys_{0};
  mutable std::mutex mutex_;
  std::function<Answer(int)> answer_;
  std::set<std::string> keys_;
  std::map<std::string, int> messages_;
  std::size_t count_ = 0;
  std::vector<std::string> records_, complaints_;
  std::set<int> open_;
  std::vector<std::thread> threads_;
};

}  // namespace tandem::test
