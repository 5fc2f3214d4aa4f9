# The packages we stand on, all from Debian. Header-only where a static program needs them.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
if(TANDEM_TESTS)
  find_package(Catch2 2 REQUIRED)
endif()

# tandem_archive(NAME archive.a [LINKS ...]): tandem-dep::NAME, a static archive where Debian has one.
function(tandem_archive name archive)
  cmake_parse_arguments(arg "" "" "LINKS" ${ARGN})
  find_library(TANDEM_ARCHIVE_${name} NAMES ${archive} REQUIRED)
  add_library(tandem-dep-${name} INTERFACE)
  add_library(tandem-dep::${name} ALIAS tandem-dep-${name})
  target_link_libraries(tandem-dep-${name} INTERFACE ${TANDEM_ARCHIVE_${name}} ${arg_LINKS})
endfunction()

tandem_archive(yaml libyaml.a)
tandem_archive(seccomp libseccomp.a)
tandem_archive(cap libcap.a)
tandem_archive(nl libnl-3.a LINKS Threads::Threads)
tandem_archive(nl-route libnl-route-3.a LINKS tandem-dep-nl)
tandem_archive(nl-nf libnl-nf-3.a LINKS tandem-dep-nl-route)
target_include_directories(tandem-dep-nl INTERFACE /usr/include/libnl3)
