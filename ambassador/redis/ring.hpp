// A queue that allocates only when it grows.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace tandem::redis {

template <class T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  T& operator[](std::size_t i) { return items_[(head_ + i) & (items_.size() - 1)]; }

  T& push(T item) {
    if (size_ == items_.size()) grow();
    T& place = (*this)[size_++];
    place = std::move(item);
    return place;
  }
  void pop() {  // what the front held stays allocated until it is overwritten
    head_ = (head_ + 1) & (items_.size() - 1);
    --size_;
  }

 private:
  void grow() {
    std::vector<T> more(items_.empty() ? 16 : items_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) more[i] = std::move((*this)[i]);
    items_ = std::move(more);
    head_ = 0;
  }

  std::vector<T> items_;  // its size is a power of two
  std::size_t head_ = 0, size_ = 0;
};

}  // namespace tandem::redis
