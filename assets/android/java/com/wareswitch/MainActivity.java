package com.wareswitch;

import android.app.NativeActivity;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.content.RestrictionsManager;
import android.net.ConnectivityManager;
import android.net.Network;
import android.net.NetworkCapabilities;
import android.os.Build;
import android.os.Bundle;
import android.os.Process;
import android.os.VibrationEffect;
import android.os.Vibrator;
import android.util.Base64;
import android.util.Log;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * What only Java can hear or do on Android, passed on as plain values. It decides nothing: what a
 * value means is decided in Rust, where it is tested. The other side is src/platform/android/java.rs.
 */
public final class MainActivity extends NativeActivity {
    private static final String TAG = "wareswitch";
    /** Any app can send a broadcast; what is larger than this is no scan. */
    private static final int EXTRAS_MAX = 64;
    private static final int EXTRA_LENGTH_MAX = 64 * 1024;

    static {
        // NativeActivity loads the library too, but only what is loaded here is searched for the
        // native methods below.
        System.loadLibrary("wareswitch");
    }

    private String configurationAtStart = "";
    private ConnectivityManager.NetworkCallback networks;

    private final BroadcastReceiver scans = new BroadcastReceiver() {
        @Override
        public void onReceive(Context context, Intent intent) {
            passOn(intent);
        }
    };

    /** Called before the program's own thread starts. */
    private native void nativeCreated(String dataFolder, String managedConfiguration, String locale);

    private native void nativeDestroyed();

    private native void nativeInFront(boolean isInFront);

    private native void nativeBroadcast(String action, String extras);

    /** The number is 0 where there is no network. */
    private native void nativeNetwork(long number, boolean isValidated);

    @Override
    protected void onCreate(Bundle state) {
        configurationAtStart = managedConfiguration();
        // A folder that is in no backup and is not carried over to a new device.
        nativeCreated(
                getNoBackupFilesDir().getPath(),
                configurationAtStart,
                getResources().getConfiguration().getLocales().get(0).toLanguageTag());
        super.onCreate(state);
        watchNetworks();
        passOn(getIntent());
    }

    @Override
    protected void onDestroy() {
        stopWatchingNetworks();
        stopListening();
        nativeDestroyed();
        super.onDestroy();
    }

    @Override
    protected void onNewIntent(Intent intent) {
        super.onNewIntent(intent);
        passOn(intent);
    }

    @Override
    protected void onResume() {
        super.onResume();
        nativeInFront(true);
    }

    @Override
    protected void onPause() {
        nativeInFront(false);
        super.onPause();
    }

    @Override
    protected void onStop() {
        super.onStop();
        // The configuration is read at the start. Where IT changed it, the program ends as soon as
        // nobody looks, and reads it when it is opened again. Whatever was accepted is on the disk.
        if (!managedConfiguration().equals(configurationAtStart)) {
            Log.i(TAG, "ends to read a new managed configuration at the next start");
            Process.killProcess(Process.myPid());
        }
    }

    /** Listens to the broadcasts of scanners. Called from Rust, once it has read which. */
    public void listenForScans(final String actions) {
        runOnUiThread(new Runnable() {
            @Override
            public void run() {
                IntentFilter filter = new IntentFilter();
                for (String action : actions.split("\n")) {
                    filter.addAction(action);
                }
                // Some vendors' services name a category, and the profile can ask for one.
                filter.addCategory(Intent.CATEGORY_DEFAULT);
                stopListening();
                if (Build.VERSION.SDK_INT >= 33) {
                    // Scanners are other apps. What comes is treated as any code from outside.
                    registerReceiver(scans, filter, Context.RECEIVER_EXPORTED);
                } else {
                    registerReceiver(scans, filter);
                }
            }
        });
    }

    /** Runs the motor: milliseconds of silence, pulse, silence, pulse and so on. From any thread. */
    public void vibrate(long[] pattern) {
        Vibrator vibrator = (Vibrator) getSystemService(Context.VIBRATOR_SERVICE);
        if (vibrator != null && vibrator.hasVibrator()) {
            vibrator.vibrate(VibrationEffect.createWaveform(pattern, -1));
        }
    }

    private void stopListening() {
        try {
            unregisterReceiver(scans);
        } catch (IllegalArgumentException notRegistered) {
            // Then there is nothing to stop.
        }
    }

    private void passOn(Intent intent) {
        if (intent == null || intent.getAction() == null || Intent.ACTION_MAIN.equals(intent.getAction())) {
            return;
        }
        try {
            Bundle extras = intent.getExtras();
            nativeBroadcast(intent.getAction(), extras == null ? "{}" : asJson(extras).toString());
        } catch (RuntimeException | JSONException unreadable) {
            // An extra of a class that is not known here makes the whole bundle unreadable.
            Log.w(TAG, "a broadcast can't be read");
        }
    }

    private String managedConfiguration() {
        RestrictionsManager manager = (RestrictionsManager) getSystemService(Context.RESTRICTIONS_SERVICE);
        Bundle restrictions = manager == null ? null : manager.getApplicationRestrictions();
        try {
            return restrictions == null ? "{}" : asJson(restrictions).toString();
        } catch (RuntimeException | JSONException unreadable) {
            return "unreadable";
        }
    }

    /** Texts, numbers and booleans as they are, lists of texts as lists, bytes as {"base64"}. */
    @SuppressWarnings("deprecation")
    private static JSONObject asJson(Bundle bundle) throws JSONException {
        JSONObject object = new JSONObject();
        int count = 0;
        for (String key : bundle.keySet()) {
            Object value = bundle.get(key);
            if (count++ >= EXTRAS_MAX) {
                break;
            }
            if (value instanceof byte[]) {
                byte[] bytes = (byte[]) value;
                if (bytes.length <= EXTRA_LENGTH_MAX) {
                    String text = Base64.encodeToString(bytes, Base64.NO_WRAP);
                    object.put(key, new JSONObject().put("base64", text));
                }
            } else if (value instanceof String[]) {
                object.put(key, new JSONArray(value));
            } else if (value instanceof CharSequence) {
                String text = value.toString();
                if (text.length() <= EXTRA_LENGTH_MAX) {
                    object.put(key, text);
                }
            } else if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
                object.put(key, value);
            }
        }
        return object;
    }

    private void watchNetworks() {
        final ConnectivityManager manager = (ConnectivityManager) getSystemService(Context.CONNECTIVITY_SERVICE);
        if (manager == null) {
            return;
        }
        networks = new ConnectivityManager.NetworkCallback() {
            @Override
            public void onCapabilitiesChanged(Network network, NetworkCapabilities capabilities) {
                nativeNetwork(
                        network.getNetworkHandle(),
                        capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED));
            }

            @Override
            public void onLost(Network network) {
                nativeNetwork(0, false);
            }
        };
        manager.registerDefaultNetworkCallback(networks);
    }

    private void stopWatchingNetworks() {
        ConnectivityManager manager = (ConnectivityManager) getSystemService(Context.CONNECTIVITY_SERVICE);
        if (manager != null && networks != null) {
            manager.unregisterNetworkCallback(networks);
        }
    }
}
