// Preloaded: the wall clock of a C++ program is off by as many seconds as the file says that
// WALL_CLOCK_FILE names. Nothing else is: libfaketime fakes the clock that librdkafka reads and not
// the C11 waits that librdkafka reckons with it, so that these last for an hour.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long Offset(void) {
  long long seconds = 0;
  FILE* file = fopen(getenv("WALL_CLOCK_FILE"), "r");
  if (file == NULL || fscanf(file, "%lld", &seconds) != 1) abort();
  fclose(file);
  return seconds;
}

// std::chrono::system_clock::now()
long long _ZNSt6chrono3_V212system_clock3nowEv(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (now.tv_sec + Offset()) * 1000000000LL + now.tv_nsec;
}
