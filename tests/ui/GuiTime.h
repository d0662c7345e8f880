// How long the GUI thread was held by one call, in processor time, so that other processes do not count.
#pragma once

#include <QByteArray>

namespace lapidary::ui::test {

// Milliseconds of the longest event handled since the last call of this, painting left out.
double takeLongestCall();
QByteArray longestCallReceiver(); // the class of the object that took it
double processorMilliseconds(); // of this thread so far

} // namespace lapidary::ui::test
