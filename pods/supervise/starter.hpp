// What a process has from whoever started it.
#pragma once

namespace tandem::supervise {

// Limits, priority and processors as every pod has them, whoever applied or revived it from whichever shell. Where the
// machine does not let us raise a hard limit, the soft one goes as far. What is too long a file is an error from now
// on, not a death: containers have their signals anew.
void forget_starter();

}  // namespace tandem::supervise
