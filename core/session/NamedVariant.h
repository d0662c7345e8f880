// A variant named in any of the ways in which people have one at hand, and the identity by which it
// is compared with others.
//
//   square.launch.json, {"arguments": ...}           a launch, its file or its JSON
//   key=[('*fp16', 'D'), ('i32', '')]{'debug': False}  a line of a log; the descriptor form too
//   *fp16:16, i32, 1024                              an ahead-of-time signature
//
//   Result<NamedVariant> a = nameVariant(*services, *choice, {"cuda", "90"}, "triton-3.6", text);
#pragma once

#include "core/session/Operations.h"

namespace lapidary {

struct NamedVariant {
  Specialization specialization; // without reasons where no launch was given
  std::vector<std::pair<std::string, Value>> options;
  bool isLaunch = false; // else nothing is known of the options but what a key says
};

// Errors: InvalidInput (what does not read, with the position; another kernel's launch), NotFound
// and Unreadable (the launch file), and those of specialize().
Result<NamedVariant> nameVariant(const Services &services, const KernelChoice &choice,
                                 const Target &target, const std::string &ruleSet,
                                 const std::string &text);
// The launch that was chosen.
Result<NamedVariant> nameVariant(const Services &services, const KernelChoice &choice,
                                 const Target &target, const std::string &ruleSet);

// What the variant's cache key is made of, by name: those of compileVariant().
Json keyParts(const Services &services, const KernelChoice &choice,
              const Specialization &specialization,
              const std::vector<std::pair<std::string, Value>> &options);

// "same but for num_stages (3, not 4) and the alignment of x_ptr (16, not known)". A key or a
// signature is compared by what can stand in one.
Result<std::string> difference(const Services &services, const KernelChoice &choice,
                               const NamedVariant &a, const NamedVariant &b);

} // namespace lapidary
