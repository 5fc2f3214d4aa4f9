// A client that writes RESP and reads raw replies, with a time limit on everything.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "ambassador/redis/reply_scanner.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::test {

std::string request(const std::vector<std::string>& args);  // as RESP
std::string bulk_text(std::string_view reply);              // of a bulk reply; the reply itself when it is none

class RawClient {
 public:
  explicit RawClient(int port, std::chrono::milliseconds limit = std::chrono::seconds(15));
  void write(std::string_view bytes);
  std::string read_reply();  // one whole reply; throws when the limit is over or the peer closed
  bool closed();             // waits until the peer closes; false when it did not within the limit
  std::string ask(const std::vector<std::string>& args) {
    write(request(args));
    return read_reply();
  }
  // Writes and reads at the same time: as many replies as asked for.
  std::vector<std::string> pipeline(std::string_view requests, std::size_t replies);
  void shut_writing();

 private:
  bool wait_for(short events);
  void receive();

  unique_fd fd_;
  std::chrono::milliseconds limit_;
  std::string buffer_;
  std::size_t begin_ = 0;
  redis::ReplyScanner scanner_;
};

}  // namespace tandem::test
