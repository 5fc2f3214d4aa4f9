#include "tests/e2e/log/pods.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {

std::string reason_to_skip() { return why_no_pods(); }

}  // namespace tandem::test
