using System.Diagnostics;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests;

/// <summary>The Debian package on a Debian of its own: this machine's files under an overlay that is gone with the test.</summary>
public sealed class PackageTests : IDisposable
{
    // What a package is compressed with is not of interest here, and xz takes minutes.
    private static readonly Dictionary<string, string> QuickPackages = new() { ["DPKG_DEB_COMPRESSOR_TYPE"] = "gzip", ["DPKG_DEB_COMPRESSOR_LEVEL"] = "1" };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_installed_upgraded_with_data_and_removed()
    {
        var build = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Program.Dll)!, "../../../../../../packaging/build-deb"));
        await RunAsync(TimeSpan.FromMinutes(15), build, _folder["dist"], "0.1.0");
        // The next version: the same program under a higher number.
        await RunAsync(TimeSpan.FromMinutes(4), "bash", "-euc", $"cd '{_folder["dist"]}'; dpkg-deb -R *.deb next; sed -i 's/^Version: .*/Version: 0.2.0/' next/DEBIAN/control; dpkg-deb -b next .; rm -r next");
        var packages = Directory.GetFiles(_folder["dist"], "*.deb").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(2, packages.Count);
        // Debian's own critic; that the program carries .NET's libraries is what it is for, and who builds it for real gives an address (DEBEMAIL).
        await RunAsync(TimeSpan.FromMinutes(4), "lintian", "--allow-root", "--fail-on", "error", "--suppress-tags", "embedded-library,unstripped-binary-or-object,bogus-mail-host,bogus-mail-host-in-debian-changelog", packages[1]);

        await File.WriteAllTextAsync(_folder["inside"], Inside);
        // An overlay on tmpfs over everything, in a namespace of its own: what the package does to users, units and folders is gone afterwards.
        var said = await RunAsync(TimeSpan.FromMinutes(4), "unshare", "--mount", "--ipc", "bash", "-euc", $$"""
            mount -t tmpfs tmpfs /mnt
            mkdir /mnt/up /mnt/work /mnt/root
            mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work /mnt/root
            mount -t proc proc /mnt/root/proc
            mount --rbind /dev /mnt/root/dev
            mkdir -p /mnt/root/packages
            cp '{{packages[0]}}' '{{packages[1]}}' '{{_folder["inside"]}}' /mnt/root/packages/
            exec env -u DOTNET_ROOT chroot /mnt/root bash /packages/inside {{FreePort.Take()}} {{FreePort.Take()}}
            """);
        Assert.EndsWith("all is well", said.Trim(), StringComparison.Ordinal);
    }

    private const string Inside = """
        set -euo pipefail
        exec 2>&1
        export FTPACTORS_NODE=http://127.0.0.1:$1 FTPACTORS__node__listen=127.0.0.1:$1 FTPACTORS__sources__1__listen=127.0.0.1:$2 HOME=/root
        export DEBIAN_FRONTEND=noninteractive
        # No .NET but the package's own.
        export PATH=/usr/sbin:/usr/bin:/sbin:/bin

        node() {
            ftpactors run --config /etc/ftpactors/node.conf 2>>/node.log &
            pid=$!
            for i in $(seq 400); do curl -fsS -o /dev/null "$FTPACTORS_NODE/readyz" 2>/dev/null && return; sleep 0.05; done
            cat /node.log; exit 1
        }

        dpkg -i /packages/ftpactors_0.1.0_*.deb
        getent passwd ftpactors
        test "$(stat -c %U:%a /var/lib/ftpactors)" = ftpactors:750
        test "$(stat -c %U:%G:%a /etc/ftpactors/node.conf)" = root:ftpactors:640
        systemd-analyze verify /lib/systemd/system/ftpactors*.service
        ftpactors --version | grep -x '0.1.0.*'
        man -P cat ftpactors | grep -q 'cluster rebalance'
        bash -c '. /usr/share/bash-completion/completions/ftpactors; COMP_LINE="ftpactors sta" COMP_POINT=13; _ftpactors ftpactors; printf "%s\n" "${COMPREPLY[@]}"' | grep -x status

        begun=$(date +%s%N)
        node
        ftpactors simulate --to mqueue:0x78C0FFEE --sessions 1 --rate 0 >/dev/null
        for i in $(seq 200); do test "$(ftpactors events --last 1 --format json | wc -l)" = 1 && break; sleep 0.05; done
        echo "start to first event stored and shown by the commands: $((($(date +%s%N) - begun) / 1000000)) ms"
        ftpactors simulate --to mqueue:0x78C0FFEE --sessions 30 --rate 0 >/dev/null
        for i in $(seq 200); do test "$(ftpactors status --format json | grep -o '"waiting":[0-9]*')" = '"waiting":0' && break; sleep 0.1; done
        ftpactors sessions --format json | sort >/before
        test "$(wc -l </before)" -ge 31
        ftpactors token new kept --config /etc/ftpactors/node.conf >/token
        kill -TERM $pid; wait $pid

        # What the site changed in its configuration stays.
        sed -i 's/"shards": 2/"shards": 2, /' /etc/ftpactors/node.conf
        dpkg -i /packages/ftpactors_0.2.0_*.deb
        grep -q '"shards": 2, ' /etc/ftpactors/node.conf
        test "$(dpkg-query -W -f='${Version}' ftpactors)" = 0.2.0
        node
        ftpactors sessions --format json | sort >/after
        cmp /before /after
        ftpactors token list --config /etc/ftpactors/node.conf | grep -q kept
        kill -TERM $pid; wait $pid

        dpkg -r ftpactors
        test ! -e /usr/bin/ftpactors
        test -e /var/lib/ftpactors/journal.db
        test -e /etc/ftpactors/node.conf
        dpkg -P ftpactors
        test ! -e /var/lib/ftpactors
        test ! -e /etc/ftpactors
        echo all is well
        """;

    private static async Task<string> RunAsync(TimeSpan limit, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in QuickPackages)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var cancel = new CancellationTokenSource(limit);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancel.Token), process.StandardError.ReadToEndAsync(cancel.Token));
            await process.WaitForExitAsync(cancel.Token);
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {process.ExitCode}\n{await output}\n{await errors}");
            return await output + await errors;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} is not over after {limit}.");
        }
    }
}
