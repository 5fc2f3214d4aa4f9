#include "ambassador/redis/byte_buffer.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>

using tandem::redis::ByteBuffer;

TEST_CASE("Bytes leave a buffer in the order they came") {
  std::mt19937 random(7);
  ByteBuffer buffer;
  std::string model;
  for (int i = 0; i < 5000; ++i) {
    const std::string bytes(random() % 700, static_cast<char>('a' + i % 26));
    buffer.append(bytes);
    model += bytes;
    const std::size_t gone = random() % (model.size() + 1);
    buffer.consume(gone);
    model.erase(0, gone);
    REQUIRE(buffer.view() == model);
  }
}

TEST_CASE("A buffer that stays nearly full moves its bytes seldom") {
  ByteBuffer buffer;
  const std::string step(1000, 'x');
  while (buffer.size() < (4u << 20)) buffer.append(step);
  const char* place = buffer.view().data() + step.size();
  int moves = 0;
  for (int i = 0; i < 40'000; ++i) {
    buffer.consume(step.size());
    buffer.append(step);
    moves += buffer.view().data() != place;
    place = buffer.view().data() + step.size();
  }
  REQUIRE(moves <= 40);  // 40 MB went through; each move makes room for 2 MB at least
}
