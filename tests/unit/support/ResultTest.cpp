#include "core/support/Result.h"
#include "core/support/Cancellation.h"

#include <gtest/gtest.h>
#include <set>

using namespace lapidary;

TEST(Result, EveryCodeHasItsOwnNameAndAPromisedExitCode) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(ErrorCode::Internal); ++i) {
    ErrorCode code = static_cast<ErrorCode>(i);
    names.insert(errorCodeName(code));
    bool usage = code == ErrorCode::InvalidInput || code == ErrorCode::NotFound ||
                 code == ErrorCode::Unreadable;
    EXPECT_EQ(exitCode(code), usage ? 2 : 1) << errorCodeName(code);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorCode::Internal) + 1);
}

TEST(Result, FailCarriesAllThree) {
  Result<int> result = fail(ErrorCode::Timeout, "too slow", "kernel.py");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Timeout);
  EXPECT_EQ(result.error().message, "too slow");
  EXPECT_EQ(result.error().context, "kernel.py");
}

TEST(Result, AnErrorNamesWhatItIsAboutOnce) {
  EXPECT_EQ(describe({ErrorCode::InvalidInput, "is binary", "k.py"}), "k.py: is binary");
  EXPECT_EQ(describe({ErrorCode::InvalidInput, "k.py is binary", "k.py"}), "k.py is binary");
  EXPECT_EQ(describe({ErrorCode::InvalidInput, "is binary", ""}), "is binary");
  EXPECT_EQ(describe({ErrorCode::InvalidInput, "is binary", std::string(300, '{')}), "is binary");
}

TEST(CancelToken, CopiesShareTheFlag) {
  CancelToken token, other;
  CancelToken copy = token;
  EXPECT_FALSE(copy.cancelled());
  token.cancel();
  EXPECT_TRUE(copy.cancelled());
  EXPECT_FALSE(other.cancelled());
}
