// A program with one option of each kind, and what is left of a run of it.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/config/command_line.hpp"

struct Kitchen {
  std::string room, dish, style = "plain";
  std::vector<std::string> guests, spices, wishes, rest;
  bool quick = false;
  std::int64_t minutes = -1;
  std::uint64_t grams = 500;

  std::vector<std::string> ran;
  int code = -1;
  std::string out, err;

  tandem::command_line::Command tree() {
    return {.name = "kitchen",
            .help = "Makes meals.",
            .footer = "All is eaten.",
            .options = {{.names = "-r,--room", .help = "Where it is eaten", .target = &room}},
            .commands = {
                {.name = "cook",
                 .help = "Cook a dish",
                 .options = {{.names = "dish", .help = "What it is", .target = &dish, .required = true},
                             {.names = "guests", .help = "Who eats it", .target = &guests},
                             {.names = "-q,--quick", .help = "Soon", .target = &quick},
                             {.names = "--style",
                              .help = "How",
                              .target = &style,
                              .show_default = true,
                              .choices = {"plain", "fancy"}},
                             {.names = "-s,--spice", .help = "With", .target = &spices, .value_name = "SPICE"},
                             {.names = "--wish", .help = "And", .target = &wishes, .one_at_a_time = true},
                             {.names = "--minutes",
                              .help = "How long",
                              .target = &minutes,
                              .value_name = "MINUTES",
                              .non_negative = true},
                             {.names = "--grams",
                              .help = "How much",
                              .target = &grams,
                              .show_default = true,
                              .range = tandem::command_line::Range{10, 1000}}},
                 .run = [this] { ran.push_back("cook"); }},
                {.name = "tell", .help = "Tell the cook", .rest = &rest, .run = [this] { ran.push_back("tell"); }}}};
  }
};

inline Kitchen run(std::vector<const char*> words) {
  Kitchen kitchen;
  std::ostringstream out, err;
  words.insert(words.begin(), "argv0");
  kitchen.code = tandem::command_line::run(kitchen.tree(), static_cast<int>(words.size()), words.data(), out, err);
  kitchen.out = out.str();
  kitchen.err = err.str();
  return kitchen;
}
