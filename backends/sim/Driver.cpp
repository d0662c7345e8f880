#include "backends/sim/Driver.h"

#include "backends/sim/Target.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fmt/format.h>

namespace lapidary {

namespace {

DeviceInfo simulated(int ordinal, const std::string &architecture, const std::string &name) {
  DeviceInfo info;
  info.target = {"sim", architecture};
  info.ordinal = ordinal;
  info.name = "simulated " + name;
  info.driver = "none";
  info.units = 1;
  return info;
}

void fillConstants(const SimProgram &program, SimBlock &block,
                   const std::vector<std::uint64_t> &arguments) {
  for (const auto &[slot, value] : program.constants)
    std::fill_n(block.of(slot), block.threads, value);
  for (std::size_t i = 0; i < arguments.size(); ++i)
    std::fill_n(block.of(program.argumentSlots[i]), block.threads, arguments[i]);
}

} // namespace

Result<std::shared_ptr<const TargetHook>> SimBackend::targetHook(const Target &target) const {
  return makeSimTarget(target.architecture);
}

Result<std::vector<DeviceInfo>> SimBackend::devices() const {
  return std::vector<DeviceInfo>{simulated(0, "sm90", "NVIDIA GPU, warps of 32"),
                                 simulated(1, "gfx942", "AMD GPU, warps of 64")};
}

Result<std::unique_ptr<Device>> SimBackend::open(int ordinal) const {
  auto all = devices();
  if (ordinal < 0 || ordinal >= static_cast<int>(all->size()))
    return fail(ErrorCode::NotFound,
                fmt::format("there is no simulated GPU number {}; there are {}, counted from 0",
                            ordinal, all->size()),
                "sim");
  return std::make_unique<SimDevice>((*all)[static_cast<std::size_t>(ordinal)]);
}

Result<DeviceAddress> SimDevice::allocate(std::int64_t bytes, std::int64_t alignment,
                                          const std::string &name) {
  Memory memory;
  memory.bytes.resize(static_cast<std::size_t>(bytes + 2 * alignment));
  const auto step = static_cast<std::uint64_t>(alignment);
  std::uint64_t address =
      (reinterpret_cast<std::uint64_t>(memory.bytes.data()) + step - 1) / step * step;
  if (address / step % 2 == 0)
    address += step;
  memory.storage = {address, bytes, name};
  memories.push_back(std::move(memory));
  return address;
}

void SimDevice::release(DeviceAddress address) {
  std::erase_if(memories, [&](const Memory &memory) { return memory.storage.begin == address; });
}

Result<void> SimDevice::copyIn(DeviceAddress to, std::span<const std::byte> from) {
  if (!from.empty())
    std::memcpy(reinterpret_cast<void *>(to), from.data(), from.size());
  return {};
}

Result<void> SimDevice::copyOut(std::span<std::byte> to, DeviceAddress from) {
  if (!to.empty())
    std::memcpy(to.data(), reinterpret_cast<const void *>(from), to.size());
  return {};
}

Result<std::uint64_t> SimDevice::load(std::span<const std::byte> binary, const std::string &entry) {
  auto program =
      readSimProgram({reinterpret_cast<const char *>(binary.data()), binary.size()}, entry);
  if (!program)
    return std::unexpected(program.error());
  programs.push_back(std::move(*program));
  return programs.size() - 1;
}

Result<double> SimDevice::launch(const LaunchRequest &request, int count) {
  if (request.kernel >= programs.size())
    return fail(ErrorCode::Internal, fmt::format("no kernel {} is loaded", request.kernel));
  const SimProgram &program = programs[request.kernel];
  if (request.arguments.size() != program.argumentSlots.size())
    return fail(ErrorCode::Internal,
                fmt::format("the kernel takes {} arguments, not {}", program.argumentSlots.size(),
                            request.arguments.size()));
  std::vector<std::uint64_t> arguments;
  for (const auto &[argument, bytes] : request.arguments)
    arguments.push_back(slotOf(argument, bytes));
  std::vector<SimStorage> storages;
  for (const Memory &memory : memories)
    storages.push_back(memory.storage);

  const auto start = std::chrono::steady_clock::now();
  SimBlock block(program.slots, program.threads, program.warpSize, program.sharedBytes, storages);
  fillConstants(program, block, arguments);
  for (std::size_t axis = 0; axis < 3; ++axis)
    block.programs[axis] = static_cast<std::uint32_t>(request.grid[axis]);
  for (int i = 0; i < count; ++i)
    for (block.program[2] = 0; block.program[2] < block.programs[2]; ++block.program[2])
      for (block.program[1] = 0; block.program[1] < block.programs[1]; ++block.program[1])
        for (block.program[0] = 0; block.program[0] < block.programs[0]; ++block.program[0]) {
          block.beginProgram();
          runSteps(program.steps, block);
          if (block.ended())
            return fail(ErrorCode::Crashed, block.problem);
        }
  const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
  return elapsed.count();
}

} // namespace lapidary
