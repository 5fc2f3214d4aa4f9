#include "tests/unit/linux/bpf.hpp"

#include <cstring>
#include <stdexcept>

namespace tandem::test {

std::uint32_t evaluate(const linux_::SeccompFilter& filter, const seccomp_data& call) {
  std::uint32_t accumulator = 0, memory[BPF_MEMWORDS] = {};
  for (std::size_t at = 0; at < filter.size(); ++at) {
    const sock_filter& step = filter[at];
    const auto jump = [&](bool taken) { at += taken ? step.jt : step.jf; };
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (step.k % 4 || step.k + 4 > sizeof call) throw std::runtime_error("load outside of seccomp_data");
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&call) + step.k, 4);
        break;
      case BPF_LD | BPF_MEM:
        accumulator = memory[step.k];
        break;
      case BPF_ST:
        memory[step.k] = accumulator;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= step.k;
        break;
      case BPF_JMP | BPF_JA:
        at += step.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        jump(accumulator == step.k);
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        jump(accumulator > step.k);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        jump(accumulator >= step.k);
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        jump((accumulator & step.k) != 0);
        break;
      case BPF_RET | BPF_K:
        return step.k;
      default:
        throw std::runtime_error("unknown instruction " + std::to_string(step.code));
    }
  }
  throw std::runtime_error("the filter ends without an answer");
}

}  // namespace tandem::test
