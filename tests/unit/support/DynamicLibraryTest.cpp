#include "core/support/DynamicLibrary.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;
using testing::HasSubstr;

TEST(DynamicLibrary, EveryPathTriedIsReported) {
  std::string notALibrary = std::string(LAPIDARY_SOURCE_DIR) + "/CMakeLists.txt";
  Result<DynamicLibrary> library = DynamicLibrary::open({"libnosuchthing.so.7", notALibrary});
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, ErrorCode::NotFound);
  EXPECT_THAT(library.error().message,
              HasSubstr("libnosuchthing.so.7: cannot open shared object file"));
  EXPECT_THAT(library.error().message, HasSubstr(notALibrary + ": "));
  EXPECT_FALSE(DynamicLibrary::open({}));
}

TEST(DynamicLibrary, LoadsTheFirstThatIsThere) {
  Result<DynamicLibrary> library = DynamicLibrary::open({"libnosuchthing.so.7", "libm.so.6"});
  ASSERT_TRUE(library) << library.error().message;
  EXPECT_THAT(library->path(), testing::EndsWith("/libm.so.6"));
  EXPECT_EQ(library->symbol("nosuchfunction"), nullptr);
  DynamicLibrary moved = std::move(*library);
  auto *cosine = reinterpret_cast<double (*)(double)>(moved.symbol("cos"));
  ASSERT_NE(cosine, nullptr);
  EXPECT_EQ(cosine(0.0), 1.0);
}
