#include "tests/support/log/receiver.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/os/check.hpp"

namespace tandem::test {
namespace {

// The value of a header in a request's head; names compare without case. Empty: absent.
std::string header(const std::string& head, std::string name) {
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  };
  const std::string all = lower(head);
  const auto at = all.find("\r\n" + lower(std::move(name)) + ":");
  if (at == std::string::npos) return "";
  const auto begin = head.find_first_not_of(' ', head.find(':', at) + 1);
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

}  // namespace

Receiver::Receiver(int port) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int on = 1;
  ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  check([&] { return ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address); }, "bind");
  check([&] { return ::listen(listener_.get(), 64); }, "listen");
  socklen_t length = sizeof address;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  threads_.emplace_back([this] { accept_all(); });
}

Receiver::~Receiver() {
  stopping_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  threads_.front().join();
  {
    const std::lock_guard lock(mutex_);
    for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
  }
  for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
}

void Receiver::accept_all() {
  while (!stopping_) {
    const int connection = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const std::lock_guard lock(mutex_);
    open_.insert(connection);
    threads_.emplace_back([this, connection] {
      serve(connection);
      const std::lock_guard inner(mutex_);
      open_.erase(connection);
      ::close(connection);
    });
  }
}

void Receiver::serve(int connection) {
  std::string bytes;
  char buffer[64 * 1024];
  for (;;) {
    std::size_t end;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos) {
      const auto count = ::recv(connection, buffer, sizeof buffer, 0);
      if (count <= 0) return;
      bytes.append(buffer, static_cast<std::size_t>(count));
    }
    const std::string head = bytes.substr(0, end + 2);
    bytes.erase(0, end + 4);
    const std::string length = header(head, "Content-Length");
    if (length.empty()) return complain("no Content-Length:\n" + head);
    const std::size_t wanted = std::stoul(length);
    Answer fault = Answer::none;
    {
      const std::lock_guard lock(mutex_);
      if (answer_) fault = answer_(requests_);
    }
    ++requests_;
    if (fault == Answer::close_unread) return;
    while (bytes.size() < wanted) {
      const auto count = ::recv(connection, buffer, sizeof buffer, 0);
      if (count <= 0) return;
      bytes.append(buffer, static_cast<std::size_t>(count));
    }
    const std::string body = bytes.substr(0, wanted);
    bytes.erase(0, wanted);
    std::string answer;
    bool close = false;
    if (fault == Answer::unavailable) {
      answer = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy";
    } else if (fault == Answer::too_many) {
      answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
    } else if (fault == Answer::refused) {
      answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\nno thanks";
    } else if (!take(head, body, answer, close) || fault == Answer::close_unanswered) {
      if (answer.empty() || fault == Answer::close_unanswered) return;
    }
    if (::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) < 0 || close) return;
  }
}

bool Receiver::take(const std::string& head, const std::string& body, std::string& answer, bool& close) {
  close = header(head, "Connection") == "close";
  if (!head.starts_with("POST /in HTTP/1.1\r\n")) complain("request line: " + head.substr(0, head.find('\r')));
  if (header(head, "Host").empty()) complain("no Host");
  if (header(head, "Content-Type") != "application/x-ndjson") complain("Content-Type: " + header(head, "Content-Type"));
  const std::string key = header(head, "Idempotency-Key");
  if (key.size() < 36 || key.front() != '"' || key.back() != '"') complain("Idempotency-Key: " + key);
  if (body.empty() || body.back() != '\n') complain("the body does not end with a newline");
  answer = "HTTP/1.1 204 No Content\r\n\r\n";
  const std::lock_guard lock(mutex_);
  if (!keys_.insert(key).second) {
    ++repeated_keys_;
    return true;
  }
  for (std::size_t at = 0; at < body.size();) {
    const auto end = body.find('\n', at);
    const std::string line = body.substr(at, end - at);
    at = end + 1;
    const auto record = nlohmann::json::parse(line, nullptr, false);
    if (!record.is_object()) {
      complaints_.push_back("not a record: " + line.substr(0, 200));
      continue;
    }
    if (record.contains("message")) ++messages_[record["message"].get<std::string>()];
    ++count_;
    if (records_.size() < 1000) records_.push_back(line);
  }
  return true;
}

void Receiver::complain(std::string what) {
  const std::lock_guard lock(mutex_);
  complaints_.push_back(std::move(what));
}

void Receiver::set_answer(std::function<Answer(int)> answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

std::map<std::string, int> Receiver::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

std::size_t Receiver::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::vector<std::string> Receiver::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

std::vector<std::string> Receiver::complaints() const {
  const std::lock_guard lock(mutex_);
  return complaints_;
}

}  // namespace tandem::test
