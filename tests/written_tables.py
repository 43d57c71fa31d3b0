"""Tables of scores in the forms that other programs write."""

from __future__ import annotations

LONG = """variant,seed,benchmark,score,metric,unit,n_test,n_classes,capability
baseline,0,ssv2,40.1,top1,%,1000,10,motion
baseline,1,ssv2,41.3,top1,%,1000,10,motion
ld,0,ssv2,44.1,top1,%,1000,10,motion
ld,1,ssv2,45.2,top1,%,1000,10,motion
baseline,0,depth,0.412,mse,m,,,depth
baseline,1,depth,0.409,mse,m,,,depth
ld,0,depth,0.392,mse,m,,,depth
ld,1,depth,0.387,mse,m,,,depth
"""
WIDE = """method,seed,lr,SSv2 (%),Diving48 acc (%),depth rmse
baseline,0,0.1,40,30,1.2
baseline,1,0.1,41,31,1.3
ld,0,0.1,44,33,1.1
ld,1,0.1,45,32,
"""
RUNS = """"Name","State","Notes","User","Created","Runtime","lr","method","seed","train/loss","val/acc","val/mse"
"b0","finished","","u","2026","33","0.1","baseline","0","0.3","0.50","1.1"
"b1","finished","","u","2026","33","0.1","baseline","1","0.3","0.51","1.2"
"l0","finished","","u","2026","33","0.1","ld","0","0.2","0.55","1.0"
"l1","finished","","u","2026","33","0.1","ld","1","0.2","0.57","0.9"
"l2","crashed","","u","2026","33","0.1","ld","2","0.2","0.01","9.9"
"""
NAMED_RUNS = """"Name","State","Created","val/acc"
"baseline-seed0","finished","x","0.5"
"baseline-seed1","finished","x","0.6"
"ld_s0","finished","x","0.7"
"ld_s1","finished","x","0.8"
"""
PANEL = """"Step","baseline_s0 - val/acc","baseline_s0 - val/acc__MIN","ld_s0 - val/acc","ld_s0 - val/acc__MIN"
1,0.1,0.1,0.2,0.2
2,0.3,0.3,,
3,,,0.5,0.5
"""
MLFLOW = """\
run_id,status,metrics.val_acc,metrics.train_loss,metrics.epoch,params.seed,params.variant,tags.mlflow.runName
r1,FINISHED,0.50,0.3,9,0,baseline,a
r2,FINISHED,0.51,0.3,9,1,baseline,b
r3,FINISHED,0.56,0.3,9,0,ld,c
r4,FINISHED,0.55,0.3,9,1,ld,d
r5,FAILED,0.10,0.3,1,2,ld,e
"""
