// What a program can ask of the kernel to leave its container.
#pragma once

#include <string>
#include <vector>

namespace hostile {

void say(const std::string& line);                       // at once, as the program may be killed
std::string refused(int error_number);                   // "refused: WHY"
void say_outcome(const std::string& what, long result);  // by errno: "WHAT could" or "WHAT refused: WHY"

// Each call that makes namespaces or mounts, reaches other processes or the machine, each way to a socket of a family
// that programs do not live of. A line for each. Their arguments do no harm where a call is let through.
int try_calls();

// Follows, signals and looks into processes by the numbers that the host knows them by.
int reach_processes(const std::vector<std::string>& pids);

// Tries to send datagrams to the victim's port under the neighbour's address, by every way that Linux has, and ends
// with one of its own, "the end". A line for each way.
int speak_as(const char* neighbour, const char* victim, int port);

// Asks the pod's name server as fast as it can, without end.
int flood_names();

}  // namespace hostile
