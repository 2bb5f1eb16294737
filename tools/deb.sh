#!/bin/sh
# A Debian package of what `make install` installs: deb.sh BUILD. The result, BUILD/hipaalint_VERSION_ARCH.deb, depends on
# the content of the tree only (dates are SOURCE_DATE_EPOCH, or that of the last commit).
set -eu
build=$1
command -v dpkg-deb >/dev/null 2>&1 || { echo "make deb: dpkg-deb is missing" >&2; exit 1; }
version=$(cat VERSION)
arch=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y VERSION)}
export SOURCE_DATE_EPOCH LC_ALL=C
umask 022
work=$build/deb stage=$build/deb/stage
rm -rf "$work"; mkdir -p "$stage/DEBIAN" "$work/debian"
make --no-print-directory install BUILD="$build" DESTDIR="$stage" PREFIX=/usr >/dev/null
install -m 755 "$build/hipaalint-shared" "$stage/usr/bin/hipaalint"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$stage/usr/bin/hipaalint"
doc=$stage/usr/share/doc/hipaalint
mv "$doc/LICENSE" "$doc/copyright.text"
{
    echo 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/'
    echo 'Upstream-Name: hipaalint'
    echo 'Source: https://github.com/hipaalint/hipaalint'
    echo
    echo 'Files: *'
    sed -n 's/^Copyright (c) \(.*\)/Copyright: \1/p' "$doc/copyright.text"
    echo 'License: Expat'
    sed '1,/^Copyright/d' "$doc/copyright.text" | sed '1{/^$/d}' | sed 's/^$/./;s/^/ /'
} >"$doc/copyright"
rm "$doc/copyright.text"
{
    echo "hipaalint ($version-1) unstable; urgency=medium"
    echo
    echo "  * Release $version."
    echo
    echo " -- the hipaalint authors <hipaalint@users.noreply.github.com>  $(date -R -u -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$doc/changelog.Debian.gz"
mkdir -p "$stage/usr/share/lintian/overrides"
printf '# Not for an upload to Debian, so that there is no bug to close.\nhipaalint: initial-upload-closes-no-bugs\n' \
    >"$stage/usr/share/lintian/overrides/hipaalint"
find "$stage/usr/share/man" -type f -exec gzip -9n {} +
gzip -9n "$doc/rules.md"
# The libraries that the program needs, from the program itself.
printf 'Source: hipaalint\n\nPackage: hipaalint\nArchitecture: any\n' >"$work/debian/control"
depends=$( (cd "$work" && dpkg-shlibdeps -O stage/usr/bin/hipaalint 2>/dev/null) | sed -n 's/^shlibs:Depends=//p')
cat >"$stage/DEBIAN/control" <<CONTROL
Package: hipaalint
Version: $version-1
Section: utils
Priority: optional
Architecture: $arch
Depends: ${depends:-libc6}
Suggests: git
Installed-Size: $(du -k -s "$stage/usr" | cut -f1)
Maintainer: the hipaalint authors <hipaalint@users.noreply.github.com>
Homepage: https://github.com/hipaalint/hipaalint
Description: compliance linter (HIPAA) for infrastructure as code
 Reads Terraform, CloudFormation and Kubernetes into one resource graph, asks
 questions of the HIPAA Security Rule of it, and reports what is evidence for
 or against its sections. Works without a network.
CONTROL
(cd "$stage" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$stage/DEBIAN/md5sums"
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$stage" "$build/hipaalint_$version-1_$arch.deb" >/dev/null
echo "$build/hipaalint_$version-1_$arch.deb"
