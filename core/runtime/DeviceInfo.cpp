#include "core/runtime/Driver.h"

namespace lapidary {

const char *faultName(FaultKind kind) {
  switch (kind) {
  case FaultKind::IllegalAddress:
    return "illegal address";
  case FaultKind::MisalignedAddress:
    return "misaligned address";
  case FaultKind::Trap:
    return "trap";
  case FaultKind::Timeout:
    return "timeout";
  case FaultKind::Lost:
    return "device lost";
  }
  return "device lost";
}

Json toJson(const DeviceInfo &info) {
  return {{"target", toString(info.target)},
          {"ordinal", info.ordinal},
          {"name", info.name},
          {"driver", info.driver},
          {"memory_bytes", info.memoryBytes},
          {"cache_bytes", info.cacheBytes},
          {"units", info.units},
          {"details", info.details}};
}

Result<DeviceInfo> deviceInfoFromJson(const Json &json) {
  try {
    DeviceInfo info;
    Result<Target> target = parseTarget(json.at("target").get<std::string>());
    if (!target)
      return std::unexpected(target.error());
    info.target = *target;
    info.ordinal = json.at("ordinal").get<int>();
    info.name = json.at("name").get<std::string>();
    info.driver = json.at("driver").get<std::string>();
    info.memoryBytes = json.at("memory_bytes").get<std::int64_t>();
    info.cacheBytes = json.at("cache_bytes").get<std::int64_t>();
    info.units = json.at("units").get<int>();
    info.details = json.at("details");
    return info;
  } catch (const Json::exception &error) {
    return fail(ErrorCode::InvalidInput, std::string("not a device description: ") + error.what());
  }
}

} // namespace lapidary
