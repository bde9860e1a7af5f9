namespace FtpActors.Node.Access;

/// <summary>Looks at the certificate's files every few seconds and puts new ones in force.</summary>
internal sealed class CertificateWatch : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly PeriodicTimer _timer;
    private readonly Task _looking;

    public CertificateWatch(CertificateFile certificate, TimeProvider time, ILogger log)
    {
        _timer = new PeriodicTimer(Look, time);
        _looking = LookAsync(certificate, log);
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _looking;
    }

    private async Task LookAsync(CertificateFile certificate, ILogger log)
    {
        while (await _timer.WaitForNextTickAsync())
        {
            try
            {
                if (certificate.Refresh())
                    log.CertificateRead(certificate.Current.NotAfter);
            }
            catch (CertificateException e)
            {
                log.CertificateNotRead(e.Message);
            }
        }
    }
}
