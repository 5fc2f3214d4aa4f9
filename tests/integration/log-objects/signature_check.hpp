// Signature Version 4 as a server checks it: made again from the request's bytes, by code of its own.
#pragma once

#include <string>

#include "tests/support/log/strict_server.hpp"

namespace tandem::test {

struct S3Account {
  std::string access_key, secret_key, session_token, region;
};

// The error code that S3 would answer with, or "": the request is signed by this account, its body and its headers are
// what was signed.
std::string check_signature(const HttpCall& call, const S3Account& account);

}  // namespace tandem::test
