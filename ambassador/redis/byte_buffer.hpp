// Bytes that come in at one end and go out at the other, in one piece of memory.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

namespace tandem::redis {

class ByteBuffer {
 public:
  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::size_t room() const { return capacity_ - end_; }

  // At least `bytes` of room at the end; what view() gave is no longer valid.
  char* prepare(std::size_t bytes) {
    if (room() < bytes) make_room(bytes);
    return data_.get() + end_;
  }
  void commit(std::size_t bytes) { end_ += bytes; }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
  }
  void consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ < end_) return;
    begin_ = end_ = 0;
    if (capacity_ > largest_kept) data_.reset(), capacity_ = 0;
  }
  void clear() { consume(size()); }

 private:
  static constexpr std::size_t smallest = 4096;
  static constexpr std::size_t largest_kept = 1024 * 1024;
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };

  // Each move of the bytes makes room for at least half as many, so that all moves together cost little, however full
  // the buffer stays.
  void make_room(std::size_t bytes) {
    const std::size_t used = size();
    const std::size_t needed = used + bytes + used / 2;
    if (needed <= capacity_) {
      std::memmove(data_.get(), data_.get() + begin_, used);
    } else {
      std::size_t wanted = capacity_ < smallest ? smallest : capacity_;
      while (wanted < needed) wanted *= 2;
      std::unique_ptr<char, Free> fresh(static_cast<char*>(std::malloc(wanted)));
      if (!fresh) throw std::bad_alloc();
      if (used > 0) std::memcpy(fresh.get(), data_.get() + begin_, used);
      data_ = std::move(fresh);
      capacity_ = wanted;
    }
    begin_ = 0, end_ = used;
  }

  std::unique_ptr<char, Free> data_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace tandem::redis
