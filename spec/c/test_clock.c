#include "clock.h"
int main(void) { return xt_system_clock_start().offset_us == 0; }
