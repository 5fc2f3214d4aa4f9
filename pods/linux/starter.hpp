// What a process has from whoever started it.
#pragma once

namespace tandem::linux_ {

// Limits, priority, processors and personality as every pod has them, whoever applied or revived it from whichever
// shell, or runs a command in it. Where the machine does not let us raise a hard limit, the soft one goes as far.
void forget_starter();

}  // namespace tandem::linux_
