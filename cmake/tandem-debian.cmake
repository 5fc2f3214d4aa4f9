# The Debian packages: one of each component, made by cpack (scripts/package). What they are and why: cmake/debian/README.md.
# A package without what dpkg-shlibdeps says would install and not run, so there are none without it, nor without `file`, by which cpack
# finds the programs. A sanitizer's programs are nobody's to install.
find_program(TANDEM_DPKG_SHLIBDEPS dpkg-shlibdeps)
find_program(TANDEM_FILE file)
if(NOT TANDEM_DPKG_SHLIBDEPS OR NOT TANDEM_FILE OR TANDEM_SANITIZE)
  return()
endif()
set(TANDEM_MAINTAINER "Tandem maintainers <maintainers@users.noreply.r-seed-dd61ace4.example>" CACHE STRING "Who makes the Debian packages: NAME <MAIL>")

set(components tandem helpers development)
set(packages tandem tandem-helpers libtandem-dev)
set(debian ${CMAKE_SOURCE_DIR}/cmake/debian)

install(FILES README.md SECURITY.md DESTINATION share/doc/tandem COMPONENT tandem)
install(DIRECTORY examples DESTINATION share/doc/tandem COMPONENT tandem
  FILES_MATCHING PATTERN "*.yaml" PATTERN "README.md" PATTERN "src" EXCLUDE PATTERN "my-own-sidecar" EXCLUDE)
install(PROGRAMS examples/pack-images DESTINATION share/doc/tandem/examples COMPONENT tandem)
foreach(helper sidecars/log ambassador/redis adapter/metrics)
  get_filename_component(name ${helper} NAME)
  install(FILES ${helper}/README.md DESTINATION share/doc/tandem-helpers RENAME tandem-${name}.md COMPONENT helpers)
endforeach()
install(FILES core/README.md DESTINATION share/doc/libtandem-dev COMPONENT development)
install(DIRECTORY examples/my-own-sidecar DESTINATION share/doc/libtandem-dev/examples COMPONENT development)

add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/pages/changelog.gz
  COMMAND ${debian}/changelog ${PROJECT_VERSION} ${TANDEM_MAINTAINER} < ${CMAKE_SOURCE_DIR}/CHANGELOG.md > ${CMAKE_BINARY_DIR}/pages/changelog
  COMMAND gzip -9nf ${CMAKE_BINARY_DIR}/pages/changelog
  DEPENDS CHANGELOG.md ${debian}/changelog VERBATIM)
add_custom_target(changelog ALL DEPENDS ${CMAKE_BINARY_DIR}/pages/changelog.gz)
add_dependencies(programs changelog)
foreach(component package IN ZIP_LISTS components packages)
  if(EXISTS ${debian}/${package}.lintian-overrides)
    install(FILES ${debian}/${package}.lintian-overrides DESTINATION share/lintian/overrides RENAME ${package} COMPONENT ${component} EXCLUDE_FROM_ALL)
  endif()
  install(FILES ${debian}/copyright ${CMAKE_BINARY_DIR}/pages/changelog.gz DESTINATION share/doc/${package} COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()

set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tandem)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL ${components})
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_THREADS 0)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${TANDEM_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_TANDEM_PACKAGE_NAME tandem)
set(CPACK_DEBIAN_TANDEM_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_TANDEM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TANDEM_PACKAGE_RECOMMENDS nftables)
set(CPACK_DEBIAN_TANDEM_PACKAGE_SUGGESTS tandem-helpers)
set(CPACK_DEBIAN_TANDEM_PACKAGE_CONTROL_EXTRA ${debian}/prerm ${debian}/postrm)
set(CPACK_DEBIAN_TANDEM_DESCRIPTION "run Kubernetes pods on one machine, without a daemon
Tandem launches pods from ordinary Kubernetes v1 manifests: a main program
and the helpers that ride along with it, with init containers, sidecars,
probes, restart policies, volumes and names between pods. Each pod has a
supervisor of its own; there is no daemon.

The verbs are those of kubectl: apply, get, describe, logs, exec, wait,
delete. Images are packed on the machine itself, from programs and from
Debian packages.

Without nftables pods do not reach beyond the machine, and have no host ports.")

set(CPACK_DEBIAN_HELPERS_PACKAGE_NAME tandem-helpers)
set(CPACK_DEBIAN_HELPERS_PACKAGE_SOURCE tandem)
set(CPACK_DEBIAN_HELPERS_PACKAGE_SECTION net)
set(CPACK_DEBIAN_HELPERS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_HELPERS_PACKAGE_SUGGESTS "librdkafka1, tandem")
set(CPACK_DEBIAN_HELPERS_DESCRIPTION "log shipper, Redis ambassador and metrics adapter for pods
Helpers that ride beside a program, in a pod or without one.

tandem-log tails files through rotation, parses and filters lines, and ships
them to files, TCP, HTTP, syslog, Loki, Elasticsearch, OpenTelemetry, S3, Redis
or (with librdkafka1) Kafka.

tandem-redis makes a Redis Cluster look like the local Redis.

tandem-metrics turns the numbers of several programs into one page for
Prometheus.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libtandem-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SOURCE tandem)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
# What the headers include, the archives are linked with and tandem-config.cmake looks for: tests/install/consumer holds it against a build.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libboost1.81-dev, libc6-dev, libyaml-dev, nlohmann-json3-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "cmake, g++")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "write helpers for Tandem's pods in C++
Headers, static libraries and a CMake package (find_package(tandem),
tandem::core) for programs that ride beside others in a pod: a config that
is checked, health and metrics over HTTP, draining on SIGTERM, reloading on
SIGHUP, man page and completions.")
include(CPack)
