namespace Holdfast.Features.OAuth;

/// <summary>Applications as lists show them.</summary>
public static class ClientWords
{
    /// <summary>Where it returns to: the host, or the scheme of a program.</summary>
    public static string Host(OAuthClient client) => Host(client.RedirectList[0]);

    public static string Host(string address) => new Uri(address) is { Host.Length: > 0 } uri ? uri.Authority : address;
}
