// End-to-end tests run in network and mount namespaces of their own: bridges, addresses, firewall rules and mounts
// never touch the host's, and nothing leaves the machine.
#pragma once

namespace tandem::test {

// Moves the whole (single-threaded) process there; lo is up, and there is no way out. Needs root.
void enter_own_network();

}  // namespace tandem::test
