// What is said on stderr when SIGINT or SIGTERM ends this program.
#pragma once

#include <string>

namespace tandem::cli {

// One at a time. The signals still end the program as they would; one that is ignored stays so.
class LastWords {
 public:
  LastWords();
  ~LastWords();
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;

  void change(std::string text);  // whole lines; empty at first
};

}  // namespace tandem::cli
