// Walking a config by the paths of the key table: "a.b", "list[].key".
#pragma once

#include <functional>
#include <string>

#include "core/config/node.hpp"

namespace tandem::run {

// Every mapping member below `node` with its table path ("sources[].url"), parents before children; and with where its
// mapping is ("sources[2]"). False: not into this one.
template <class AnyMember>
using VisitMember = std::function<bool(const std::string& path, const std::string& place, AnyMember&)>;
void each_member(Node& node, const std::string& path, const VisitMember<Member>& visit);
void each_member(const Node& node, const std::string& path, const VisitMember<const Member>& visit);

// Sets a value at a path without []; missing mappings are made. False: something on the way is no mapping.
bool set_at(Node& root, const std::string& path, Node value);

}  // namespace tandem::run
