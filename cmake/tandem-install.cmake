# The package for people who write a helper of their own: find_package(tandem), tandem::core.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

add_library(tandem-core INTERFACE)
add_library(tandem::core ALIAS tandem-core)
set_target_properties(tandem-core PROPERTIES EXPORT_NAME core)
target_link_libraries(tandem-core INTERFACE tandem::run tandem::observe tandem::net tandem::config tandem::os tandem::text)
target_compile_features(tandem-core INTERFACE cxx_std_20)
set_target_properties(tandem-dep-yaml PROPERTIES EXPORT_NAME dep-yaml)

install(TARGETS tandem-core tandem-run tandem-observe tandem-observe-text tandem-observe-visible tandem-net tandem-net-text tandem-config tandem-os tandem-text tandem-fmt tandem-json tandem-dep-yaml
  EXPORT tandem-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/core DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tandem COMPONENT development
  FILES_MATCHING PATTERN "*.hpp" PATTERN "command_line.hpp" EXCLUDE)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tandem)
install(EXPORT tandem-targets NAMESPACE tandem:: DESTINATION ${package_dir} COMPONENT development)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/tandem-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_SOURCE_DIR}/cmake/tandem-config.cmake ${CMAKE_BINARY_DIR}/tandem-config-version.cmake
  DESTINATION ${package_dir} COMPONENT development)
