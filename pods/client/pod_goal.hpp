// What a pod is waited for, and whether its status says that it is so.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace tandem::client {

enum class Goal { ready, ready_or_succeeded, succeeded, deleted };

Goal parse_goal(const std::string& text);  // as --for of kubectl wait; throws Error{user} with those there are

enum class Progress { reached, waiting, impossible, not_there };

struct Look {
  Progress progress = Progress::waiting;
  std::string why;  // it is so: "is ready"; or what is still missing
};

// By a v1 Pod with its status. Of a pod that is wanted away there is nothing to say but that it is there.
Look judge(const nlohmann::json& pod, Goal goal);

}  // namespace tandem::client
