# backlogd_hardening: what makes an error in memory end the program instead of being used. Off where
# a sanitizer looks for the same errors (the presets), or where a distribution sets flags of its own.
option(BACKLOGD_HARDENING "Full RELRO, PIE, stack protector, fortified libc calls" ON)
add_library(backlogd_hardening INTERFACE)
if(BACKLOGD_HARDENING)
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES CXX)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  # Distributions preset another level of fortification: redefining it would be a warning.
  target_compile_options(backlogd_hardening INTERFACE
    -fstack-protector-strong -fstack-clash-protection
    $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection>
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
  target_link_options(backlogd_hardening INTERFACE
    LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
endif()
