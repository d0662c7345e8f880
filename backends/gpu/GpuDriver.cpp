#include "backends/gpu/GpuDriver.h"

#include <cstdlib>
#include <fmt/format.h>

namespace lapidary {

static void note(std::string &missing, const char *name) {
  missing += missing.empty() ? name : std::string(", ") + name;
}

Result<GpuDriver> GpuDriver::load(const GpuVendor &vendor,
                                  const std::vector<std::string> &libraries) {
  Result<DynamicLibrary> library = DynamicLibrary::open(libraries);
  if (!library)
    return fail(
        ErrorCode::NotFound,
        fmt::format("there is no {} on this machine: {}", vendor.driver, library.error().message),
        vendor.backend);

  GpuDriver driver{.vendor = &vendor, .library = std::move(*library)};
  std::string missing;
#define LAPIDARY_LOOK_UP(member, ...)                                                              \
  if (vendor.names.member)                                                                         \
    driver.member = reinterpret_cast<std::add_pointer_t<__VA_ARGS__>>(                             \
        driver.library.symbol(vendor.names.member));
#define LAPIDARY_REQUIRE(member, ...)                                                              \
  LAPIDARY_LOOK_UP(member, __VA_ARGS__)                                                            \
  if (!driver.member)                                                                              \
    note(missing, vendor.names.member);
  LAPIDARY_GPU_FUNCTIONS(LAPIDARY_REQUIRE, LAPIDARY_LOOK_UP, LAPIDARY_LOOK_UP)
  LAPIDARY_GPU_ENTERING(LAPIDARY_LOOK_UP)
#undef LAPIDARY_REQUIRE
#undef LAPIDARY_LOOK_UP
  if (!missing.empty())
    return std::unexpected(driver.tooOld(missing));
  return driver;
}

Error GpuDriver::tooOld(const std::string &missing) const {
  return {ErrorCode::Unsupported,
          fmt::format("the {} in {} is too old: it lacks {}; {}", vendor->driver, library.path(),
                      missing, vendor->update),
          vendor->backend};
}

Result<void> GpuDriver::checkRuns() const {
  std::string missing;
#define LAPIDARY_IGNORE(...)
#define LAPIDARY_REQUIRE(member, ...)                                                              \
  if (vendor->names.member && !member)                                                             \
    note(missing, vendor->names.member);
  LAPIDARY_GPU_FUNCTIONS(LAPIDARY_IGNORE, LAPIDARY_REQUIRE, LAPIDARY_IGNORE)
  LAPIDARY_GPU_ENTERING(LAPIDARY_REQUIRE)
#undef LAPIDARY_REQUIRE
#undef LAPIDARY_IGNORE
  if (missing.empty())
    return {};
  Error error = tooOld(missing);
  error.message = "kernels cannot be run: " + error.message;
  return std::unexpected(std::move(error));
}

std::string GpuDriver::words(GpuResult code) const {
  const std::string text = vendor->errorWords(*this, code);
  return text.empty() ? fmt::format("error {}", code) : fmt::format("{} (error {})", text, code);
}

Error GpuDriver::error(const char *function, GpuResult code) const {
  return {ErrorCode::Unreadable,
          fmt::format("the {} {} failed in {}: {}", vendor->driver, library.path(), function,
                      words(code)),
          vendor->backend};
}

std::vector<std::string> driverLibraries(const char *variable, std::vector<std::string> usual) {
  const char *chosen = std::getenv(variable);
  return chosen && *chosen ? std::vector<std::string>{chosen} : usual;
}

} // namespace lapidary
